#include "kernels/first_layout.h"
#include "kernels/partial.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// Vectors of a tap's channels: nine taps are kept in registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kVectorsOfTap = 2;
#else
constexpr int kVectorsOfTap = 1;
#endif

// Scratch: dz of a few rows as (pixels, vectors, lanes).

/// dz of `pixels` pixels of g and z.
void make_gradient(const FirstBackwardOf<Stored>& call, const Stored* g, const Stored* z,
                   std::int64_t pixels) {
  const std::int64_t vectors = vectors_of(call.shape);
  for (std::int64_t v = 0; v < vectors; ++v) {
    const std::int64_t channels = filled(call.shape, v);
    const Vector scale = load_partial(call.gradient.scale + v * kLanes, channels);
    const Vector slope = load_partial(call.gradient.slope + v * kLanes, channels);
    const Vector constant = load_partial(call.gradient.constant + v * kLanes, channels);
    for (std::int64_t p = 0; p < pixels; ++p) {
      const std::int64_t from = p * call.shape.out + v * kLanes;
      const Vector dz = load_partial(g + from, channels) * scale +
                        (load_partial(z + from, channels) * slope + constant);
      store(call.scratch + (p * vectors + v) * kLanes, dz);
    }
  }
}

/// dw += x * dz: kNumber taps of a pixel.
template <int kNumber, int kTaps, int kVectors>
MOBIREG_INLINE void add_pixel(const float* x, const float* dz, Vector (&dw)[kTaps][kVectors]) {
  Vector d[kVectors];
  for (int v = 0; v < kVectors; ++v) d[v] = load(dz + v * kLanes);
#pragma GCC unroll 9
  for (int tap = 0; tap < kNumber; ++tap) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) dw[tap][v] += x[tap] * d[v];
  }
}

/// Some rows of z, their dz, and what the next call will read of its g or z, which is fetched.
struct GradientRows {
  const float* x = nullptr;  // the first tap, of a row of taps, of the first pixel
  const float* dz = nullptr;
  const Stored* ahead = nullptr;
  std::int64_t rows = 0;
};

/// A row of taps: dw of kVectors of its channels.
template <int kChannels, int kVectors>
void add_rows(const FirstShape& shape, GradientRows from, std::int64_t v, float* dw) {
  Vector sums[3 * kChannels][kVectors] = {};
  const std::int64_t pitch = vectors_of(shape) * kLanes;
  from.dz += v * kLanes;
  from.ahead += v * kLanes;
  for (; from.rows > 0; --from.rows, from.x += 2 * shape.width * kChannels) {
    const float* x = from.x;
    for (std::int64_t j = 1; j < shape.width / 2; ++j, x += 2 * kChannels) {
      for (int i = 0; i < kVectors; ++i) __builtin_prefetch(from.ahead + i * kLanes);
      add_pixel<3 * kChannels>(x, from.dz, sums);
      from.dz += pitch;
      from.ahead += shape.out;
    }
    add_pixel<2 * kChannels>(x, from.dz, sums);
    from.dz += pitch;
    from.ahead += shape.out;
  }
  const std::int64_t last_channels = filled(shape, v + kVectors - 1);
  dw += v * kLanes;
#pragma GCC unroll 9
  for (int tap = 0; tap < 3 * kChannels; ++tap, dw += shape.out) {
    if (kVectors == 2) store(dw, load(dw) + sums[tap][0]);
    float* last = dw + (kVectors - 1) * kLanes;
    store_partial(last, load_partial(last, last_channels) + sums[tap][kVectors - 1], last_channels);
  }
}

template <int kChannels>
void backward(const FirstBackwardOf<Stored>& call) {
  const FirstShape& shape = call.shape;
  const std::int64_t vectors = vectors_of(shape);
  const std::int64_t height = shape.height / 2;
  const std::int64_t z_row = shape.width / 2 * shape.out;
  const std::int64_t x_row = shape.width * kChannels;
  const std::int64_t all_rows = call.images * height;
  std::int64_t rows = 0;
  for (std::int64_t row = 0; row < all_rows; row += rows) {
    const std::int64_t left = height - row % height;  // in this image
    rows = smaller(rows_kept(shape), left);
    const Stored* g = call.g + row * z_row;
    const Stored* z = call.z + row * z_row;
    make_gradient(call, g, z, rows * (shape.width / 2));
    for (int k = 0; k < 3; ++k) {
      GradientRows from;
      from.x = call.x + (2 * row + k) * x_row;
      from.dz = call.scratch;
      from.ahead = (k == 0 ? g : z) + (row + rows < all_rows ? rows * z_row : 0);
      // The last row of z has no third row of taps.
      from.rows = k == 2 && rows == left ? rows - 1 : rows;
      float* dw = call.dw + k * 3 * kChannels * shape.out;
      std::int64_t v = 0;
      for (; v + kVectorsOfTap <= vectors; v += kVectorsOfTap) {
        add_rows<kChannels, kVectorsOfTap>(shape, from, v, dw);
      }
      for (; v < vectors; ++v) add_rows<kChannels, 1>(shape, from, v, dw);
    }
  }
}

}  // namespace

void first_backward(const FirstBackwardOf<Stored>& call) {
  if (call.shape.channels == 1) {
    backward<1>(call);
  } else {
    backward<3>(call);
  }
}

}  // namespace mobireg::MOBIREG_ISA
