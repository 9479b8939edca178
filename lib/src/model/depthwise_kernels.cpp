#include "model/depthwise_kernels.h"

#include <algorithm>
#include <type_traits>

#include "core/cpu_dispatch.h"

#define MOBIREG_INLINE inline __attribute__((always_inline))

namespace mobireg {
namespace {

// A kernel's nine weights (or their nine sums) stay in registers while it runs along a row, one
// vector of channels at a time. Plain loops over the channels need each weight again for each
// pixel, and as many address registers as there are taps: they took twice the time.
template <int kLanes>
struct Vector {
  typedef float Type __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
};
template <>
struct Vector<1> {
  using Type = float;
};

template <int kLanes>
using Lanes = typename Vector<kLanes>::Type;

template <int kLanes>
MOBIREG_INLINE const Lanes<kLanes>& load(const float* at) {
  return *reinterpret_cast<const Lanes<kLanes>*>(at);
}

template <int kLanes>
MOBIREG_INLINE Lanes<kLanes>& store(float* at) {
  return *reinterpret_cast<Lanes<kLanes>*>(at);
}

bool has_wide_vectors() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  return __builtin_cpu_supports("avx512f") != 0;
#else
  return false;
#endif
}

template <int kValue>
using Constant = std::integral_constant<int, kValue>;

/// Calls body(lanes, first channel) for all channels, in the widest vectors that fit.
template <class Body>
MOBIREG_INLINE void for_channels(std::int64_t channels, Body&& body) {
  static const bool wide = has_wide_vectors();
  std::int64_t c = 0;
  if (wide) {
    for (; c + 16 <= channels; c += 16) body(Constant<16>{}, c);
  }
  for (; c + 8 <= channels; c += 8) body(Constant<8>{}, c);
  for (; c < channels; ++c) body(Constant<1>{}, c);
}

/// The kernel rows that meet the image where `row` of y is made.
struct Taps {
  int first, end;
  const float* x;  // where the first of them begins for the first pixel

  MOBIREG_INLINE Taps(const DepthwiseShape& shape, const float* image, std::int64_t row) {
    const std::int64_t top = shape.stride == 1 ? row - 1 : 2 * row;
    first = top < 0 ? 1 : 0;
    end = top + 3 > shape.in_height ? 2 : 3;
    x = image + ((top + first) * shape.in_width - (shape.stride == 1 ? 1 : 0)) * shape.channels;
  }
};

/// Calls body(pixels, first, end, pixel) for all of a row of y, up to four pixels at once: x's
/// pixels first to end - 1 are there, counted from where the kernel would begin at `pixel`.
template <int kStride, class Body>
MOBIREG_INLINE void for_pixels(const DepthwiseShape& shape, Body&& body) {
  const std::int64_t width = shape.out_width;
  std::int64_t j = 0;
  if constexpr (kStride == 2) {
    for (; j + 4 <= width; j += 4) body(Constant<4>{}, Constant<0>{}, Constant<9>{}, j);
    for (; j < width; ++j) body(Constant<1>{}, Constant<0>{}, Constant<3>{}, j);
    return;
  }
  if (width == 1) return body(Constant<1>{}, Constant<1>{}, Constant<2>{}, j);
  if (width == 2) return body(Constant<2>{}, Constant<1>{}, Constant<3>{}, j);
  if (width == 4) return body(Constant<4>{}, Constant<1>{}, Constant<5>{}, j);
  body(Constant<1>{}, Constant<1>{}, Constant<3>{}, j++);
  for (; j + 4 < width; j += 4) body(Constant<4>{}, Constant<0>{}, Constant<6>{}, j);
  for (; j + 1 < width; ++j) body(Constant<1>{}, Constant<0>{}, Constant<3>{}, j);
  body(Constant<1>{}, Constant<0>{}, Constant<2>{}, j);
}

/// y's pixels for kernel rows kTop to kBottom - 1. x: where those begin, at the pixel -1 or 0.
template <int kLanes, int kStride, int kTop, int kBottom>
MOBIREG_INLINE void convolve_row(const DepthwiseShape& shape, const float* x,
                                 const Lanes<kLanes>* weight, float* y) {
  const std::int64_t step = shape.channels;
  const std::int64_t down = shape.in_width * step;
  for_pixels<kStride>(
      shape, [&](auto pixels, auto first, auto end, std::int64_t j) __attribute__((always_inline)) {
        constexpr int kPixels = decltype(pixels)::value;
        constexpr int kFirst = decltype(first)::value;
        constexpr int kEnd = decltype(end)::value;
        const float* at = x + j * kStride * step;
        Lanes<kLanes> sum[kPixels] = {};
#pragma GCC unroll 9
        for (int column = kFirst; column < kEnd; ++column) {
#pragma GCC unroll 3
          for (int ky = kTop; ky < kBottom; ++ky) {
            const Lanes<kLanes> value = load<kLanes>(at + (ky - kTop) * down + column * step);
#pragma GCC unroll 4
            for (int p = 0; p < kPixels; ++p) {
              const int kx = column - p * kStride;
              if (kx >= 0 && kx < 3) sum[p] += weight[3 * ky + kx] * value;
            }
          }
        }
#pragma GCC unroll 4
        for (int p = 0; p < kPixels; ++p) store<kLanes>(y + (j + p) * step) = sum[p];
      });
}

template <int kLanes, int kStride, int kTop, int kBottom>
MOBIREG_INLINE void correlate_row(const DepthwiseShape& shape, const float* x, const float* dy,
                                  Lanes<kLanes>* sums) {
  const std::int64_t step = shape.channels;
  const std::int64_t down = shape.in_width * step;
  for_pixels<kStride>(
      shape, [&](auto pixels, auto first, auto end, std::int64_t j) __attribute__((always_inline)) {
        constexpr int kPixels = decltype(pixels)::value;
        constexpr int kFirst = decltype(first)::value;
        constexpr int kEnd = decltype(end)::value;
        const float* at = x + j * kStride * step;
        Lanes<kLanes> gradient[kPixels];
#pragma GCC unroll 4
        for (int p = 0; p < kPixels; ++p) gradient[p] = load<kLanes>(dy + (j + p) * step);
#pragma GCC unroll 9
        for (int column = kFirst; column < kEnd; ++column) {
#pragma GCC unroll 3
          for (int ky = kTop; ky < kBottom; ++ky) {
            const Lanes<kLanes> value = load<kLanes>(at + (ky - kTop) * down + column * step);
#pragma GCC unroll 4
            for (int p = 0; p < kPixels; ++p) {
              const int kx = column - p * kStride;
              if (kx >= 0 && kx < 3) sums[3 * ky + kx] += gradient[p] * value;
            }
          }
        }
      });
}

/// Calls row<kTop, kBottom>-like body with the kernel rows that meet the image.
template <class Body>
MOBIREG_INLINE void for_taps(const Taps& taps, Body&& body) {
  if (taps.end - taps.first == 3) return body(Constant<0>{}, Constant<3>{});
  if (taps.end == 3) return body(Constant<1>{}, Constant<3>{});
  if (taps.first == 0) return body(Constant<0>{}, Constant<2>{});
  body(Constant<1>{}, Constant<2>{});
}

/// One row of dx from kTaps rows of dy, each with the three weights of its kernel row.
template <int kLanes, int kTaps>
MOBIREG_INLINE void spread_row(const DepthwiseShape& shape, const float* const* dy,
                               const Lanes<kLanes> (*weight)[3], float* dx) {
  const std::int64_t step = shape.channels;
  Lanes<kLanes> left[kTaps] = {};
  Lanes<kLanes> even{};
  for (std::int64_t j = 0; j < shape.out_width; ++j) {
    even = Lanes<kLanes>{};
    Lanes<kLanes> odd{};
#pragma GCC unroll 2
    for (int tap = 0; tap < kTaps; ++tap) {
      const Lanes<kLanes> here = load<kLanes>(dy[tap] + j * step);
      even += here * weight[tap][0] + left[tap] * weight[tap][2];
      odd += here * weight[tap][1];
      left[tap] = here;
    }
    store<kLanes>(dx + 2 * j * step) = even;
    store<kLanes>(dx + (2 * j + 1) * step) = odd;
  }
  even = Lanes<kLanes>{};
#pragma GCC unroll 2
  for (int tap = 0; tap < kTaps; ++tap) even += left[tap] * weight[tap][2];
  store<kLanes>(dx + 2 * shape.out_width * step) = even;
  if (shape.in_width % 2 == 0) store<kLanes>(dx + (shape.in_width - 1) * step) = Lanes<kLanes>{};
}

}  // namespace

MOBIREG_CPU_CLONES
void depthwise_forward(const DepthwiseShape& shape, const float* x, const float* weight,
                       std::int64_t first, std::int64_t end, float* y) {
  const std::int64_t channels = shape.channels;
  for_channels(
      channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
        constexpr int kLanes = decltype(lanes)::value;
        Lanes<kLanes> w[9];
#pragma GCC unroll 9
        for (int k = 0; k < 9; ++k) w[k] = load<kLanes>(weight + k * channels + c);
        for (std::int64_t row = first; row < end; ++row) {
          const Taps taps(shape, x, row);
          float* out = y + row * shape.out_width * channels + c;
          if (shape.stride == 2) {
            convolve_row<kLanes, 2, 0, 3>(shape, taps.x + c, w, out);
          } else {
            for_taps(
                taps, [&](auto top, auto bottom) __attribute__((always_inline)) {
                  convolve_row<kLanes, 1, top, bottom>(shape, taps.x + c, w, out);
                });
          }
        }
      });
}

MOBIREG_CPU_CLONES
void depthwise_weight_gradient(const DepthwiseShape& shape, const float* x, const float* dy,
                               std::int64_t first, std::int64_t end, float* sums) {
  const std::int64_t channels = shape.channels;
  for_channels(
      channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
        constexpr int kLanes = decltype(lanes)::value;
        Lanes<kLanes> sum[9] = {};
        for (std::int64_t row = first; row < end; ++row) {
          const Taps taps(shape, x, row);
          const float* gradient = dy + row * shape.out_width * channels + c;
          if (shape.stride == 2) {
            correlate_row<kLanes, 2, 0, 3>(shape, taps.x + c, gradient, sum);
          } else {
            for_taps(
                taps, [&](auto top, auto bottom) __attribute__((always_inline)) {
                  correlate_row<kLanes, 1, top, bottom>(shape, taps.x + c, gradient, sum);
                });
          }
        }
#pragma GCC unroll 9
        for (int k = 0; k < 9; ++k) store<kLanes>(sums + k * channels + c) += sum[k];
      });
}

MOBIREG_CPU_CLONES
void depthwise_stride2_input_gradient(const DepthwiseShape& shape, const float* dy,
                                      const float* weight, std::int64_t first, std::int64_t end,
                                      float* dx) {
  const std::int64_t channels = shape.channels;
  const std::int64_t dy_row = shape.out_width * channels;
  const std::int64_t dx_row = shape.in_width * channels;
  for_channels(
      channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
        constexpr int kLanes = decltype(lanes)::value;
        Lanes<kLanes> w[3][3];
        constexpr int kKernelRow[] = {0, 2,
                                      1};  // an even row takes the first two, an odd one the last
#pragma GCC unroll 9
        for (int k = 0; k < 9; ++k) {
          w[k / 3][k % 3] = load<kLanes>(weight + (3 * kKernelRow[k / 3] + k % 3) * channels + c);
        }
        for (std::int64_t row = first; row < end; ++row) {
          const float* rows[2] = {dy + row * dy_row + c, dy + (row - 1) * dy_row + c};
          float* out = dx + 2 * row * dx_row + c;
          if (row == 0) {
            spread_row<kLanes, 1>(shape, rows, w, out);
          } else {
            spread_row<kLanes, 2>(shape, rows, w, out);
          }
          spread_row<kLanes, 1>(shape, rows, w + 2, out + dx_row);
        }
        if (end == shape.out_height) {
          const float* last = dy + (end - 1) * dy_row + c;
          spread_row<kLanes, 1>(shape, &last, w + 1, dx + 2 * end * dx_row + c);
        }
      });
  if (end == shape.out_height && shape.in_height % 2 == 0) {
    float* unused = dx + (shape.in_height - 1) * dx_row;
    std::fill(unused, unused + dx_row, 0.0F);
  }
}

}  // namespace mobireg
