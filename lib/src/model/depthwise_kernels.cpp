#include "model/depthwise_kernels.h"

#include <algorithm>
#include <type_traits>

#include "core/cpu_dispatch.h"

#define MOBIREG_INLINE inline __attribute__((always_inline))

namespace mobireg {
namespace {

// Vectors are spelled out, as GCC's and Clang's portable vector types: plain loops over the
// channels of several pixels at once were not vectorised well, and those of one pixel at a time
// took up to 1.4 times the time in narrow layers. Channels are the inner loop although the weights
// then do not stay in registers: running along a row with one vector of channels leaves the order
// of the memory, and took up to 1.8 times the time in layers of many channels.
template <int kLanes>
struct Vector {
  typedef float Type __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
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

// Sixteen floats with AVX-512; where the registers are half of that, two a value are too many.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
const bool kWideVectors = __builtin_cpu_supports("avx512f") != 0;
#else
const bool kWideVectors = false;
#endif

template <int kValue>
using Constant = std::integral_constant<int, kValue>;

/// Calls body(lanes, first channel) for the channels that fill vectors.
template <class Body>
MOBIREG_INLINE void for_channels(std::int64_t channels, Body&& body) {
  std::int64_t c = 0;
  if (kWideVectors) {
    for (; c + 16 <= channels; c += 16) body(Constant<16>{}, c);
  }
  for (; c + 8 <= channels; c += 8) body(Constant<8>{}, c);
}

/// Pixels of y made together from the columns kFirst to kEnd - 1 of x, counted from where the
/// kernel begins for the first of them.
template <int kStride, int kNumber, int kFirst, int kEnd>
struct Pixels {
  static constexpr int stride = kStride;
  static constexpr int number = kNumber;
  static constexpr int first = kFirst;
  static constexpr int end = kEnd;
};

/// Calls body(pixels, pixel of y) for all of a row of y: up to four at once, so that a value is
/// loaded once for all of them, and without the columns that lie outside of x.
template <class Body>
MOBIREG_INLINE void for_padded_pixels(std::int64_t width, Body&& body) {
  if (width == 2) return body(Pixels<1, 2, 1, 3>{}, 0);
  if (width == 4) return body(Pixels<1, 4, 1, 5>{}, 0);
  std::int64_t j = 1;
  if (width > 4) {
    body(Pixels<1, 4, 1, 6>{}, 0);
    for (j = 4; j + 4 < width; j += 4) body(Pixels<1, 4, 0, 6>{}, j);
    if (j + 4 == width) return body(Pixels<1, 4, 0, 5>{}, j);
  } else {
    body(Pixels<1, 1, 1, 3>{}, 0);
  }
  for (; j + 1 < width; ++j) body(Pixels<1, 1, 0, 3>{}, j);
  body(Pixels<1, 1, 0, 2>{}, j);
}

/// Calls body(first kernel row, one past the last, pixels, pixel of y) for all of `row` of y,
/// without the kernel rows and columns that lie outside of x.
template <class Body>
MOBIREG_INLINE void for_row(const DepthwiseShape& shape, std::int64_t row, Body&& body) {
  const std::int64_t width = shape.out_width;
  const auto padded = [&](auto top, auto bottom) __attribute__((always_inline)) {
    for_padded_pixels(
        width, [&](auto pixels, std::int64_t j)
                   __attribute__((always_inline)) { body(top, bottom, pixels, j); });
  };
  if (shape.stride == 2) {
    std::int64_t j = 0;
    for (; j + 4 <= width; j += 4) body(Constant<0>{}, Constant<3>{}, Pixels<2, 4, 0, 9>{}, j);
    for (; j < width; ++j) body(Constant<0>{}, Constant<3>{}, Pixels<2, 1, 0, 3>{}, j);
  } else if (row == 0) {
    padded(Constant<1>{}, Constant<3>{});
  } else if (row == shape.in_height - 1) {
    padded(Constant<0>{}, Constant<2>{});
  } else {
    padded(Constant<0>{}, Constant<3>{});
  }
}

/// What for_row and for_channels leave: the last channels, and images of one row or one column.
std::int64_t vector_channels(const DepthwiseShape& shape) {
  const bool narrow = shape.stride == 1 && (shape.in_height == 1 || shape.in_width == 1);
  return narrow ? 0 : shape.channels / 8 * 8;
}

/// Calls body(index of y, index of x, kernel's index) for these channels of `row` of y.
template <class Body>
void for_rest(const DepthwiseShape& shape, std::int64_t row, Body&& body) {
  const std::int64_t channels = shape.channels;
  const std::int64_t padding = shape.stride == 1 ? 1 : 0;
  for (std::int64_t c = vector_channels(shape); c < channels; ++c) {
    for (std::int64_t j = 0; j < shape.out_width; ++j) {
      for (std::int64_t k = 0; k < 9; ++k) {
        const std::int64_t i = row * shape.stride - padding + k / 3;
        const std::int64_t column = j * shape.stride - padding + k % 3;
        if (i < 0 || i >= shape.in_height || column < 0 || column >= shape.in_width) continue;
        body((row * shape.out_width + j) * channels + c,
             (i * shape.in_width + column) * channels + c, k * channels + c);
      }
    }
  }
}

void clear_rest(const DepthwiseShape& shape, std::int64_t row, float* y) {
  const std::int64_t first = vector_channels(shape);
  for (std::int64_t j = 0; j < shape.out_width; ++j) {
    float* pixel = y + (row * shape.out_width + j) * shape.channels;
    std::fill(pixel + first, pixel + shape.channels, 0.0F);
  }
}

/// The pixel of x where the kernel begins for the first pixel of `row` of y; outside where padded.
std::int64_t first_input(const DepthwiseShape& shape, std::int64_t row) {
  const std::int64_t padding = shape.stride == 1 ? 1 : 0;
  return (row * shape.stride - padding) * shape.in_width - padding;
}

/// y, of Pixels, += weight * x. x: where the kernel begins for the first pixel.
template <int kLanes, int kTop, int kBottom, class Pixels>
MOBIREG_INLINE void convolve(const float* x, std::int64_t channels, std::int64_t x_row,
                             const float* weight, float* y) {
  Lanes<kLanes> sum[Pixels::number] = {};
#pragma GCC unroll 3
  for (int ky = kTop; ky < kBottom; ++ky) {
#pragma GCC unroll 9
    for (int column = Pixels::first; column < Pixels::end; ++column) {
      const Lanes<kLanes> value = load<kLanes>(x + ky * x_row + column * channels);
#pragma GCC unroll 4
      for (int p = 0; p < Pixels::number; ++p) {
        const int kx = column - p * Pixels::stride;
        if (kx < 0 || kx > 2) continue;
        sum[p] += value * load<kLanes>(weight + (3 * ky + kx) * channels);
      }
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < Pixels::number; ++p) store<kLanes>(y + p * channels) = sum[p];
}

/// sums += dy, of Pixels, times x.
template <int kLanes, int kTop, int kBottom, class Pixels>
MOBIREG_INLINE void correlate(const float* x, std::int64_t channels, std::int64_t x_row,
                              const float* dy, float* sums) {
  Lanes<kLanes> gradient[Pixels::number];
#pragma GCC unroll 4
  for (int p = 0; p < Pixels::number; ++p) gradient[p] = load<kLanes>(dy + p * channels);
#pragma GCC unroll 3
  for (int ky = kTop; ky < kBottom; ++ky) {
    Lanes<kLanes> sum[3] = {};
#pragma GCC unroll 9
    for (int column = Pixels::first; column < Pixels::end; ++column) {
      const Lanes<kLanes> value = load<kLanes>(x + ky * x_row + column * channels);
#pragma GCC unroll 4
      for (int p = 0; p < Pixels::number; ++p) {
        const int kx = column - p * Pixels::stride;
        if (kx >= 0 && kx < 3) sum[kx] += gradient[p] * value;
      }
    }
#pragma GCC unroll 3
    for (int kx = 0; kx < 3; ++kx) store<kLanes>(sums + (3 * ky + kx) * channels) += sum[kx];
  }
}

/// The four pixels (2 i, 2 j) to (2 i + 1, 2 j + 1) of dx, from the pixels (i - 1, j - 1) to (i, j)
/// of dy; those of them that lie outside of dy are left out, and so is what only they reach.
template <int kLanes, bool kAbove, bool kBelow, bool kLeft, bool kRight>
MOBIREG_INLINE void spread(const float* dy, std::int64_t channels, std::int64_t dy_row,
                           std::int64_t dx_row, const float* weight, float* dx) {
  Lanes<kLanes> sum[2][2] = {};
  if constexpr (kBelow && kRight) {
    const Lanes<kLanes> here = load<kLanes>(dy);
    sum[0][0] += here * load<kLanes>(weight);
    sum[0][1] += here * load<kLanes>(weight + channels);
    sum[1][0] += here * load<kLanes>(weight + 3 * channels);
    sum[1][1] += here * load<kLanes>(weight + 4 * channels);
  }
  if constexpr (kBelow && kLeft) {
    const Lanes<kLanes> left = load<kLanes>(dy - channels);
    sum[0][0] += left * load<kLanes>(weight + 2 * channels);
    sum[1][0] += left * load<kLanes>(weight + 5 * channels);
  }
  if constexpr (kAbove && kRight) {
    const Lanes<kLanes> above = load<kLanes>(dy - dy_row);
    sum[0][0] += above * load<kLanes>(weight + 6 * channels);
    sum[0][1] += above * load<kLanes>(weight + 7 * channels);
  }
  if constexpr (kAbove && kLeft)
    sum[0][0] += load<kLanes>(dy - dy_row - channels) * load<kLanes>(weight + 8 * channels);
  store<kLanes>(dx) = sum[0][0];
  if constexpr (kRight) store<kLanes>(dx + channels) = sum[0][1];
  if constexpr (kBelow) store<kLanes>(dx + dx_row) = sum[1][0];
  if constexpr (kBelow && kRight) store<kLanes>(dx + dx_row + channels) = sum[1][1];
}

/// Two rows of dx, or the last one. The rows of dy above and below it may be missing.
template <bool kAbove, bool kBelow>
MOBIREG_INLINE void spread_row(const DepthwiseShape& shape, const float* dy, const float* weight,
                               float* dx) {
  const std::int64_t channels = shape.channels;
  const std::int64_t dy_row = shape.out_width * channels;
  const std::int64_t dx_row = shape.in_width * channels;
  const auto pixels = [&](auto left, auto right, std::int64_t j) __attribute__((always_inline)) {
    for_channels(
        channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
          spread<lanes(), kAbove, kBelow, left(), right()>(dy + j * channels + c, channels, dy_row,
                                                           dx_row, weight + c,
                                                           dx + 2 * j * channels + c);
        });
  };
  pixels(std::false_type{}, std::true_type{}, 0);
  for (std::int64_t j = 1; j < shape.out_width; ++j) pixels(std::true_type{}, std::true_type{}, j);
  pixels(std::true_type{}, std::false_type{}, shape.out_width);
}

}  // namespace

MOBIREG_CPU_CLONES
void depthwise_forward_row(const DepthwiseShape& shape, const float* x, const float* weight,
                           std::int64_t row, float* y) {
  const std::int64_t channels = shape.channels;
  const std::int64_t x_row = shape.in_width * channels;
  if (vector_channels(shape) > 0) {
    const float* begin = x + first_input(shape, row) * channels;
    float* out = y + row * shape.out_width * channels;
    for_row(
        shape, row,
        [&](auto top, auto bottom, auto pixels, std::int64_t j) __attribute__((always_inline)) {
          const float* at = begin + j * pixels.stride * channels;
          for_channels(
              channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
                convolve<lanes(), top(), bottom(), decltype(pixels)>(
                    at + c, channels, x_row, weight + c, out + j * channels + c);
              });
        });
  }
  clear_rest(shape, row, y);
  for_rest(shape, row, [&](std::int64_t to, std::int64_t from, std::int64_t k) {
    y[to] += x[from] * weight[k];
  });
}

MOBIREG_CPU_CLONES
void depthwise_weight_gradient_row(const DepthwiseShape& shape, const float* x, const float* dy,
                                   std::int64_t row, float* sums) {
  const std::int64_t channels = shape.channels;
  const std::int64_t x_row = shape.in_width * channels;
  if (vector_channels(shape) > 0) {
    const float* begin = x + first_input(shape, row) * channels;
    const float* gradient = dy + row * shape.out_width * channels;
    for_row(
        shape, row,
        [&](auto top, auto bottom, auto pixels, std::int64_t j) __attribute__((always_inline)) {
          const float* at = begin + j * pixels.stride * channels;
          for_channels(
              channels, [&](auto lanes, std::int64_t c) __attribute__((always_inline)) {
                correlate<lanes(), top(), bottom(), decltype(pixels)>(
                    at + c, channels, x_row, gradient + j * channels + c, sums + c);
              });
        });
  }
  for_rest(shape, row, [&](std::int64_t to, std::int64_t from, std::int64_t k) {
    sums[k] += x[from] * dy[to];
  });
}

MOBIREG_CPU_CLONES
void depthwise_stride2_input_gradient_row(const DepthwiseShape& shape, const float* dy,
                                          const float* weight, std::int64_t row, float* dx) {
  const std::int64_t dx_row = shape.in_width * shape.channels;
  const float* below = dy + row * shape.out_width * shape.channels;
  float* out = dx + 2 * row * dx_row;
  // What no kernel reaches, and the channels that are added up one by one below.
  if (shape.in_width % 2 == 0 || shape.channels % 8 != 0 || row == shape.out_height) {
    std::fill(out, dx + std::min(2 * row + 2, shape.in_height) * dx_row, 0.0F);
  }
  if (row == 0) {
    spread_row<false, true>(shape, below, weight, out);
  } else if (row < shape.out_height) {
    spread_row<true, true>(shape, below, weight, out);
  } else {
    spread_row<true, false>(shape, below, weight, out);
  }
  for (std::int64_t i = std::max<std::int64_t>(0, row - 1);
       i <= std::min(row, shape.out_height - 1); ++i) {
    for_rest(shape, i, [&](std::int64_t from, std::int64_t to, std::int64_t k) {
      if (to / dx_row / 2 == row) dx[to] += dy[from] * weight[k];
    });
  }
}

}  // namespace mobireg
