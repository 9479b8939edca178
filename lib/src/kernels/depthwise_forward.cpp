#include "kernels/depthwise.h"
#include "kernels/depthwise_rows.h"

namespace mobireg::MOBIREG_ISA {
namespace {

/// A slice of one image.
struct Image {
  Lines<const Stored> x;
  Lines<Stored> z;
  std::int64_t width;  // of x
  std::int64_t z_width;
};

/// Where a slice's sums are added up, from its first tile on.
struct SliceSums {
  Lines<float> shift, sum, square;
};

/// One part of a slice: its weights and sums stay where they are over all rows.
struct Part {
  Transform transform;
  Vector weight[9];
  Vector shift, sum, square;

  template <bool kWhole>
  MOBIREG_INLINE void begin(const DepthwiseForwardOf<Stored>& call, std::int64_t slice, int part) {
    const std::int64_t channels = call.shape.channels;
    transform.begin<kWhole>(call.input, channels, slice, part);
    const Lines<const float> weights = lines_of(call.weight, channels, slice);
#pragma GCC unroll 9
    for (int k = 0; k < 9; ++k) weight[k] = weights.template load<kWhole>(k, part);
    sum = Vector{};
    square = Vector{};
  }

  MOBIREG_INLINE void add(Vector z) {
    const Vector distance = z - shift;
    sum += distance;
    square += distance * distance;
  }
};

/// z of kPixels pixels, of one part. y: the rows of the first one's window, of which kFirst to kEnd
/// - 1 lie in the image.
template <int kStride, int kFirst, int kEnd, int kPixels>
MOBIREG_INLINE void convolve(const float* const (&y)[3], const Vector (&weight)[9],
                             Vector (&z)[kPixels]) {
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) z[p] = Vector{};
#pragma GCC unroll 3
  for (int ky = kFirst; ky < kEnd; ++ky) {
#pragma GCC unroll 9
    for (int column = 0; column < (kPixels - 1) * kStride + 3; ++column) {
      const Vector value = load(y[ky] + column * kSlice);
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        const int kx = column - p * kStride;
        if (kx >= 0 && kx < 3) z[p] += value * weight[3 * ky + kx];
      }
    }
  }
}

template <int kStride, bool kWhole>
struct Forward {
  const Image& image;
  Part parts[kParts];

  MOBIREG_INLINE void transform_row(std::int64_t row, float* y) const {
    for (std::int64_t j = 0; j < image.width; ++j) {
      const std::int64_t pixel = row * image.width + j;
      image.x.prefetch_for_reading(pixel);
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part) {
        const Vector x = image.x.template load<kWhole>(pixel, part);
        store(y + j * kSlice + part * kLanes, parts[part].transform.y(x));
      }
    }
  }

  template <int kFirst, int kEnd, int kPixels>
  MOBIREG_INLINE void make_pixels(const float* const (&y)[3], std::int64_t first) {
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) image.z.prefetch_for_writing(first + p);
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      const float* const window[3] = {y[0] + part * kLanes, y[1] + part * kLanes,
                                      y[2] + part * kLanes};
      Vector z[kPixels];
      convolve<kStride, kFirst, kEnd>(window, parts[part].weight, z);
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        image.z.template store<kWhole>(first + p, part, z[p]);
        parts[part].add(as_stored(z[p]));
      }
    }
  }

  /// y: the rows of the row's first window.
  template <int kFirst, int kEnd>
  MOBIREG_INLINE void make_row(const float* const (&rows)[3], std::int64_t row) {
    const float* y[3] = {rows[0], rows[1], rows[2]};
    std::int64_t j = 0;
    const auto pass = [&](int pixels) __attribute__((always_inline)) {
      j += pixels;
      for (const float*& at : y) at += pixels * kStride * kSlice;
    };
    const std::int64_t first = row * image.z_width;
    for (; j + 4 <= image.z_width; pass(4)) make_pixels<kFirst, kEnd, 4>(y, first + j);
    if (j + 2 <= image.z_width) {
      make_pixels<kFirst, kEnd, 2>(y, first + j);
      pass(2);
    }
    if (j < image.z_width) make_pixels<kFirst, kEnd, 1>(y, first + j);
  }

  /// The first z of all.
  MOBIREG_INLINE void set_shift(const float* const (&y)[3]) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      const float* const window[3] = {y[0] + part * kLanes, y[1] + part * kLanes,
                                      y[2] + part * kLanes};
      Vector z[1];
      convolve<kStride, 0, 3>(window, parts[part].weight, z);
      parts[part].shift = as_stored(z[0]);
    }
  }

  MOBIREG_INLINE void begin(const DepthwiseForwardOf<Stored>& call, std::int64_t slice) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) parts[part].template begin<kWhole>(call, slice, part);
  }

  MOBIREG_INLINE void load_shift(const SliceSums& sums) {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      parts[part].shift = sums.shift.template load<kWhole>(0, part);
    }
  }

  MOBIREG_INLINE void end(const SliceSums& sums, bool first_tile) const {
#pragma GCC unroll 4
    for (int part = 0; part < kParts; ++part) {
      const Part& from = parts[part];
      if (first_tile) {
        sums.shift.template store<kWhole>(0, part, from.shift);
        sums.sum.template store<kWhole>(0, part, from.sum);
        sums.square.template store<kWhole>(0, part, from.square);
      } else {
        sums.sum.template add<kWhole>(0, part, from.sum);
        sums.square.template add<kWhole>(0, part, from.square);
      }
    }
  }
};

/// What of a tile one slice does.
struct SliceWork {
  Image image;  // the first
  SliceSums sums;
  Ring ring;
  std::int64_t slice;
};

/// A slice of all images of a tile.
template <int kStride, bool kWhole>
void forward_tile(const DepthwiseForwardOf<Stored>& call, const SliceWork& slice,
                  const Tile& whole_tile) {
  // Copies, as stores might change what is behind references.
  Image image = slice.image;
  const Ring ring = slice.ring;
  const Tile tile = whole_tile;
  Forward<kStride, kWhole> work{image, {}};
  work.begin(call, slice.slice);
  const bool first_tile = tile.first == 0 && tile.begin == 0;
  if (!first_tile) work.load_shift(slice.sums);
  constexpr std::int64_t kOutside = kStride == 1 ? 1 : 0;
  for (std::int64_t n = tile.first; n < tile.last; ++n) {
    std::int64_t made = tile.begin == 0 ? 0 : tile.begin * kStride + 1;  // rows of y
    for (std::int64_t row = tile.begin; row < tile.end; ++row) {
      const std::int64_t top = row * kStride - kOutside;
      for (; made < top + 3 && made < ring.height; ++made) {
        work.transform_row(made, ring.slot(made) + kSlice);
      }
      const std::int64_t left = (1 - kOutside) * kSlice;
      const float* const y[3] = {ring.row(top) + left, ring.row(top + 1) + left,
                                 ring.row(top + 2) + left};
      if (n == 0 && row == 0) work.set_shift(y);
      if (top < 0) {
        work.template make_row<1, 3>(y, row);
      } else if (top + 3 > ring.height) {
        work.template make_row<0, 2>(y, row);
      } else {
        work.template make_row<0, 3>(y, row);
      }
    }
    image.x.pass(image.width * ring.height);
    image.z.pass(image.z_width * (ring.height / kStride));
  }
  work.end(slice.sums, first_tile);
}

template <int kStride>
void forward(const DepthwiseForwardOf<Stored>& call) {
  const DepthwiseShape& shape = call.shape;
  const std::int64_t channels = shape.channels;
  const std::int64_t slices = slices_of(channels);
  const std::int64_t z_height = shape.height / kStride;
  const std::int64_t z_width = shape.width / kStride;
  const Images<const Stored> x{call.x, shape.height * shape.width, kStride * shape.width, channels};
  const Images<Stored> z{call.z, z_height * z_width, z_width, channels};
  const Tiling tiling(shape, (x.pixels + z.pixels) * channels);
  const BlockStatistics& wanted = call.statistics;
  float* const rings = call.scratch;
  float* const unwanted = rings + tiling.all_floats(slices);
  float* const shift = wanted.shift != nullptr ? wanted.shift : unwanted;
  float* const sum = wanted.sum != nullptr ? wanted.sum : unwanted + channels;
  float* const square = wanted.square != nullptr ? wanted.square : unwanted + 2 * channels;
  tiling.clear(rings, slices);
  tiling.for_tiles(call.images, z_height, [&](const Tile& tile) {
    for (std::int64_t s = 0; s < slices; ++s) {
      const SliceWork work{
          {x.lines(tile, s), z.lines(tile, s), shape.width, z_width},
          {lines_of(shift, channels, s), lines_of(sum, channels, s), lines_of(square, channels, s)},
          tiling.ring(rings, s, shape.height),
          s};
      const bool whole = work.image.x.count == kSlice;
      whole ? forward_tile<kStride, true>(call, work, tile)
            : forward_tile<kStride, false>(call, work, tile);
    }
  });
}

}  // namespace

/// Of the backward pass, which needs more: the rings of all slices, and what nobody may want: 9 + 2
/// sums a channel and a line of x_g.
std::int64_t depthwise_scratch(const DepthwiseShape& shape) {
  const std::int64_t ring_row = (shape.width + 2) * kSlice;
  return (1 + kRingRows * slices_of(shape.channels)) * ring_row + 11 * shape.channels + kSlice;
}

void depthwise_forward(const DepthwiseForwardOf<Stored>& call) {
  call.shape.stride == 1 ? forward<1>(call) : forward<2>(call);
}

}  // namespace mobireg::MOBIREG_ISA
