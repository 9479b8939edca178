#pragma once

#include "inference/kernels.h"
#include "kernels/isa.h"

namespace mobireg::MOBIREG_ISA {

// A tile is the output of kTilePixels pixels by up to kPanel registers of channels: all of it stays
// in registers while the weights stream by once.
#if defined(__AVX512F__)
constexpr int kTilePixels = 8;
constexpr int kPanel = 3;
#elif defined(__AVX2__)
constexpr int kTilePixels = 4;
constexpr int kPanel = 3;
#elif defined(__aarch64__)
constexpr int kTilePixels = 8;
constexpr int kPanel = 2;
#else
constexpr int kTilePixels = 4;
constexpr int kPanel = 2;
#endif

template <typename T>
MOBIREG_INLINE T smaller(T a, T b) {
  return a < b ? a : b;
}

// x + 0 would be an addition (of -0); x - 0 is x.
MOBIREG_INLINE Vector splat(float value) { return value - Vector{}; }

/// NaN stays NaN.
MOBIREG_INLINE Vector clamp(Vector x, Vector low, Vector high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

MOBIREG_INLINE Vector quantize(Vector x, const Rounding& rounding) {
  const Vector magic = splat(12582912.0F);  // 1.5 * 2^23 leaves no bits behind the point
  const Vector q = clamp(x * rounding.steps, splat(rounding.lowest), splat(rounding.highest));
  return (q + magic) - magic;
}

/// An Epilogue in registers. Kind: what of it there is.
enum class Finish { kFloat, kInt8 };

template <Finish kind>
struct Finisher {
  const float* scale;
  const float* bias;
  Vector low;
  Vector high;
  Rounding rounding;

  MOBIREG_INLINE explicit Finisher(const Epilogue& epilogue, std::int64_t at)
      : scale(epilogue.scale == nullptr ? nullptr : epilogue.scale + at),
        bias(epilogue.bias + at),
        low(splat(epilogue.low)),
        high(splat(epilogue.high)),
        rounding(epilogue.rounding) {}

  /// `i`: registers after the first.
  MOBIREG_INLINE Vector operator()(Vector sum, int i) const {
    if (kind == Finish::kInt8 && scale != nullptr) sum *= load(scale + i * kLanes);
    const Vector y = clamp(sum + load(bias + i * kLanes), low, high);
    return kind == Finish::kInt8 && rounding.steps != 0 ? quantize(y, rounding) : y;
  }
};

MOBIREG_INLINE bool is_float(const Epilogue& epilogue) {
  return epilogue.scale == nullptr && epilogue.rounding.steps == 0;
}

/// Where a tile's input is: pixel p's k-th value, k = segment * length + i, is at
/// x[p * pixel_stride + segment * segment_stride + i].
struct TileInput {
  const float* x;
  std::int64_t pixel_stride;
  int segments;
  int length;
  std::int64_t segment_stride;
  const float* ahead;  // weights that are fetched meanwhile, so many floats further for each k
  std::int64_t ahead_step;
};

/// Lets a tile that uses the weights up to `used` fetch one more line of them for each of its
/// `depth` steps, as long as the lead is not reached.
MOBIREG_INLINE void fetch_ahead(WeightStream& stream, const float* used, std::int64_t depth,
                                TileInput& in) {
  constexpr std::int64_t kLine = kTilePixels * kPanel >= 16 ? 16 : 8;
  if (stream.fetched < used) stream.fetched = used;
  in.ahead = stream.fetched;
  const bool room =
      stream.end - stream.fetched >= depth * kLine && stream.fetched - used < stream.lead;
  in.ahead_step = room ? kLine : 0;
  if (room) stream.fetched += depth * kLine;
}

template <Finish kind, int P, int V>
MOBIREG_INLINE void store_tile(const Vector (&sums)[P][V], const Epilogue& epilogue,
                               std::int64_t at, float* const* y) {
  const Finisher<kind> finish(epilogue, at);
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) {
    float* to = y[p] + at;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(to + v * kLanes, finish(sums[p][v], v));
  }
}

/// Adds what one value of each pixel, at x, contributes.
template <int P, int V>
MOBIREG_INLINE void add_products(const float* x, std::int64_t stride, const float* weight,
                                 Vector (&sums)[P][V]) {
  Vector w[V];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) w[v] = load(weight + v * kLanes);
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) {
    const Vector value = splat(x[p * stride]);
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sums[p][v] += value * w[v];
  }
}

#if defined(__aarch64__)
/// The same of kLanes values: NEON multiplies by one lane of a register, which saves most loads.
template <int P, int V>
MOBIREG_INLINE void add_products_by_lane(const float* x, std::int64_t stride, const float* weight,
                                         Vector (&sums)[P][V]) {
  Vector values[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) values[p] = load(x + p * stride);
#pragma GCC unroll 4
  for (int lane = 0; lane < kLanes; ++lane) {
    Vector w[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) w[v] = load(weight + (lane * V + v) * kLanes);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sums[p][v] += w[v] * values[p][lane];
    }
  }
}
#endif

/// Length: the input's, 3; or 0: any.
template <int Length, int P, int V>
__attribute__((noinline)) void tile(const TileInput& in, const float* weight,
                                    const Epilogue& epilogue, std::int64_t at, float* const* y) {
  Vector sums[P][V] = {};
  const std::int64_t stride = in.pixel_stride;
  const std::int64_t step = in.ahead_step;
  const float* ahead = in.ahead;
  const float* x = in.x;
  for (int segment = 0; segment < in.segments; ++segment, x += in.segment_stride) {
    if constexpr (Length == 0) {
      int i = 0;
#if defined(__aarch64__)
      for (; i + kLanes <= in.length; i += kLanes, weight += V * kLanes * kLanes) {
#pragma GCC unroll 4
        for (int lane = 0; lane < kLanes; ++lane, ahead += step) __builtin_prefetch(ahead, 0, 2);
        add_products_by_lane(x + i, stride, weight, sums);
      }
#endif
      for (; i < in.length; ++i, weight += V * kLanes) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += step;
        add_products(x + i, stride, weight, sums);
      }
    } else {
      __builtin_prefetch(ahead, 0, 2);
      ahead += step;
#pragma GCC unroll 3
      for (int i = 0; i < Length; ++i) add_products(x + i, stride, weight + i * V * kLanes, sums);
      weight += Length * V * kLanes;
    }
  }
  if (is_float(epilogue)) {
    store_tile<Finish::kFloat>(sums, epilogue, at, y);
  } else {
    store_tile<Finish::kInt8>(sums, epilogue, at, y);
  }
}

/// `pixels`: 1 to P; `width`, registers of channels: 1 to V.
template <int Length, int P = kTilePixels, int V = kPanel>
MOBIREG_INLINE void run_tile(int pixels, int width, const TileInput& in, const float* weight,
                             const Epilogue& epilogue, std::int64_t at, float* const* y) {
  if constexpr (V > 1) {
    if (width < V) return run_tile<Length, P, V - 1>(pixels, width, in, weight, epilogue, at, y);
  }
  if constexpr (P > 1) {
    if (pixels < P) return run_tile<Length, P - 1, V>(pixels, V, in, weight, epilogue, at, y);
  }
  tile<Length, P, V>(in, weight, epilogue, at, y);
}

}  // namespace mobireg::MOBIREG_ISA
