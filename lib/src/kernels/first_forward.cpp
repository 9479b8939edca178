#include "kernels/first_layout.h"
#include "kernels/partial.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// Vectors of z kept in registers, with room for the factors.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kVectorsOfZ = 16;
#else
constexpr int kVectorsOfZ = 8;
#endif

// Scratch: the weights as (vectors, taps, lanes), the statistics as (vectors, 3, lanes).

void pack_weight(const FirstForwardOf<Stored>& call, float* packed) {
  const std::int64_t taps = 9 * call.shape.channels;
  for (std::int64_t v = 0; v < vectors_of(call.shape); ++v) {
    for (std::int64_t tap = 0; tap < taps; ++tap, packed += kLanes) {
      const float* from = call.weight + tap * call.shape.out + v * kLanes;
      store(packed, load_partial(from, filled(call.shape, v)));
    }
  }
}

/// A row of z, of which one or two vectors of channels are made.
struct OutputRow {
  const float* x;              // the first tap of the first pixel
  std::int64_t x_pitch;        // from a row of x to the next
  int x_rows;                  // 3, or 2 at the bottom
  const float* weight;         // packed
  Stored* z;                   // the first pixel
  std::int64_t out;            // from a pixel of z to the next
  std::int64_t width;          // pixels
  std::int64_t last_channels;  // in the last vector
  float* statistics;           // added to; null: not wanted
};

template <int kVectors>
struct Sums {
  Vector shift[kVectors];
  Vector sum[kVectors];
  Vector square[kVectors];
};

template <int kVectors>
MOBIREG_INLINE void store_pixel(const OutputRow& row, std::int64_t pixel, const Vector* z) {
  Stored* at = row.z + pixel * row.out;
  if (kVectors == 2) store(at, z[0]);
  store_partial(at + (kVectors - 1) * kLanes, z[kVectors - 1], row.last_channels);
}

/// z += x * weight: one tap of kNumber of the pixels.
template <int kChannels, int kNumber, int kVectors, int kPixels>
MOBIREG_INLINE void add_tap(const float* x, const float* weight, Vector (&z)[kPixels][kVectors]) {
  Vector w[kVectors];
  for (int v = 0; v < kVectors; ++v) w[v] = load(weight + v * 9 * kChannels * kLanes);
#pragma GCC unroll 16
  for (int p = 0; p < kNumber; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) z[p][v] += x[p * 2 * kChannels] * w[v];
  }
}

/// kPixels pixels of z, the last of them the row's last if kLast.
template <int kChannels, int kVectors, int kPixels, bool kLast>
MOBIREG_INLINE void make_pixels(const OutputRow& row, std::int64_t pixel, Sums<kVectors>* sums) {
  Vector z[kPixels][kVectors] = {};
  const float* x = row.x + pixel * 2 * kChannels;
  const float* weight = row.weight;
  for (int i = 0; i < row.x_rows; ++i, x += row.x_pitch, weight += 3 * kChannels * kLanes) {
#pragma GCC unroll 1
    for (int tap = 0; tap < 2 * kChannels; ++tap) {
      add_tap<kChannels, kPixels>(x + tap, weight + tap * kLanes, z);
    }
#pragma GCC unroll 1
    for (int tap = 2 * kChannels; tap < 3 * kChannels; ++tap) {
      add_tap<kChannels, kPixels - kLast>(x + tap, weight + tap * kLanes, z);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
    store_pixel<kVectors>(row, pixel + p, z[p]);
    if (!sums) continue;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const Vector centred = as_stored(z[p][v]) - sums->shift[v];
      sums->sum[v] += centred;
      sums->square[v] += centred * centred;
    }
  }
}

/// The pixels from `pixel` to the row's last, kPixels at a time, then half as many, and so on.
template <int kChannels, int kVectors, int kPixels>
MOBIREG_INLINE void make_rest(const OutputRow& row, std::int64_t pixel, Sums<kVectors>* sums) {
  for (; row.width - pixel > kPixels; pixel += kPixels) {
    make_pixels<kChannels, kVectors, kPixels, false>(row, pixel, sums);
  }
  if (row.width - pixel == kPixels) {
    make_pixels<kChannels, kVectors, kPixels, true>(row, pixel, sums);
  } else if constexpr (kPixels > 1) {
    make_rest<kChannels, kVectors, kPixels / 2>(row, pixel, sums);
  }
}

template <int kChannels, int kVectors>
void make_row(const OutputRow& row) {
  constexpr int kPixels = kVectorsOfZ / kVectors;
  if (!row.statistics) return make_rest<kChannels, kVectors, kPixels>(row, 0, nullptr);
  Sums<kVectors> sums = {};
  for (int v = 0; v < kVectors; ++v) sums.shift[v] = load(row.statistics + v * kStatistics);
  make_rest<kChannels, kVectors, kPixels>(row, 0, &sums);
  for (int v = 0; v < kVectors; ++v) {
    float* sum = row.statistics + v * kStatistics + kLanes;
    float* square = sum + kLanes;
    store(sum, load(sum) + sums.sum[v]);
    store(square, load(square) + sums.square[v]);
  }
}

/// The row's first pixel, into the statistics' shift.
template <int kChannels, int kVectors>
void make_shift(const OutputRow& row) {
  Sums<kVectors>* none = nullptr;
  if (row.width > 1) {
    make_pixels<kChannels, kVectors, 1, false>(row, 0, none);
  } else {
    make_pixels<kChannels, kVectors, 1, true>(row, 0, none);
  }
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t channels = v + 1 < kVectors ? kLanes : row.last_channels;
    store(row.statistics + v * kStatistics, load_partial(row.z + v * kLanes, channels));
  }
}

template <int kChannels, int kVectors>
void make_vectors(OutputRow row, const FirstShape& shape, std::int64_t v, bool first) {
  row.weight += v * 9 * kChannels * kLanes;
  row.z += v * kLanes;
  row.last_channels = filled(shape, v + kVectors - 1);
  if (row.statistics) row.statistics += v * kStatistics;
  if (row.statistics && first) make_shift<kChannels, kVectors>(row);
  make_row<kChannels, kVectors>(row);
}

template <int kChannels>
void make_rows(const FirstForwardOf<Stored>& call, const float* packed, float* statistics) {
  const FirstShape& shape = call.shape;
  const std::int64_t vectors = vectors_of(shape);
  OutputRow row = {};
  row.x = call.x;
  row.x_pitch = shape.width * kChannels;
  row.weight = packed;
  row.z = call.z;
  row.out = shape.out;
  row.width = shape.width / 2;
  row.statistics = statistics;
  const std::int64_t rows = shape.height / 2;
  for (std::int64_t i = 0; i < call.images * rows; ++i) {
    row.x_rows = (i + 1) % rows == 0 ? 2 : 3;
    std::int64_t v = 0;
    for (; v + 2 <= vectors; v += 2) make_vectors<kChannels, 2>(row, shape, v, i == 0);
    if (v < vectors) make_vectors<kChannels, 1>(row, shape, v, i == 0);
    row.x += 2 * row.x_pitch;
    row.z += row.width * row.out;
  }
}

void write_statistics(const FirstForwardOf<Stored>& call, const float* statistics) {
  for (std::int64_t v = 0; v < vectors_of(call.shape); ++v, statistics += kStatistics) {
    const std::int64_t channels = filled(call.shape, v);
    store_partial(call.statistics.shift + v * kLanes, load(statistics), channels);
    store_partial(call.statistics.sum + v * kLanes, load(statistics + kLanes), channels);
    store_partial(call.statistics.square + v * kLanes, load(statistics + 2 * kLanes), channels);
  }
}

}  // namespace

std::int64_t first_scratch(const FirstShape& shape) {
  const std::int64_t vectors = vectors_of(shape);
  const std::int64_t forward = vectors * (9 * shape.channels * kLanes + kStatistics);
  const std::int64_t backward = rows_kept(shape) * (shape.width / 2) * vectors * kLanes;
  return forward > backward ? forward : backward;
}

void first_forward(const FirstForwardOf<Stored>& call) {
  const std::int64_t vectors = vectors_of(call.shape);
  float* packed = call.scratch;
  float* statistics = packed + vectors * 9 * call.shape.channels * kLanes;
  pack_weight(call, packed);
  for (std::int64_t i = 0; i < vectors * kStatistics; ++i) statistics[i] = 0;
  float* wanted = call.statistics.sum ? statistics : nullptr;
  if (call.shape.channels == 1) {
    make_rows<1>(call, packed, wanted);
  } else {
    make_rows<3>(call, packed, wanted);
  }
  if (wanted) write_statistics(call, statistics);
}

}  // namespace mobireg::MOBIREG_ISA
