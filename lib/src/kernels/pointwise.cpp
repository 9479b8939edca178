#include "kernels/pointwise.h"

#include "kernels/partial.h"
#include "kernels/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t pointwise_packed(const PointwiseShape& shape) {
  const std::int64_t forward = shape.in * padded(shape.out);
  const std::int64_t backward = shape.out * padded(shape.in);
  return forward > backward ? forward : backward;
}

namespace {

#if defined(__clang__)
void transpose(Vector (&rows)[kLanes]) {
  for (int i = 0; i < kLanes; ++i) {
    for (int j = 0; j < i; ++j) {
      const float value = rows[i][j];
      rows[i][j] = rows[j][i];
      rows[j][i] = value;
    }
  }
}
#else
typedef int Lanes __attribute__((vector_size(kLanes * sizeof(int))));

// Swaps the corners of all squares of 2, then 4, ... rows and columns.
MOBIREG_INLINE void transpose(Vector (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (int size = 1; size < kLanes; size *= 2) {
    Lanes upper = {};
    Lanes lower = {};
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      upper[i] = (i & size) != 0 ? kLanes + i - size : i;
      lower[i] = (i & size) != 0 ? kLanes + i : i + size;
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if ((i & size) != 0) continue;
      const Vector above = rows[i];
      rows[i] = __builtin_shuffle(above, rows[i + size], upper);
      rows[i + size] = __builtin_shuffle(above, rows[i + size], lower);
    }
  }
}
#endif

// A square of `weight` from one output and one input on, columns of the packed panel.
void pack_square(const PointwiseShape& shape, std::int64_t out, std::int64_t in,
                 const float* weight, float* packed, std::int64_t stride) {
  const std::int64_t depth = least(kLanes, shape.in - in);
  Vector rows[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    const float* const at = weight + (out + i) * shape.in + in;
    rows[i] = Vector{};
    if (out + i < shape.out) rows[i] = depth == kLanes ? load(at) : load_partial(at, depth);
  }
  transpose(rows);
#pragma GCC unroll 16
  for (int k = 0; k < kLanes; ++k) {
    if (k < depth) store(packed + k * stride, rows[k]);
  }
}

}  // namespace

void pack_pointwise_part(const PointwiseShape& shape, const ChannelRange& channels,
                         const float* weight, float* packed) {
  const std::int64_t width = padded(shape.out);
  const std::int64_t end = padded(channels.end);
  for (std::int64_t first = channels.begin; first < end; first += kPanel) {
    const std::int64_t columns = least(kPanel, width - first);
    float* const panel = packed + first * shape.in;
    for (std::int64_t k = 0; k < shape.in; k += kLanes) {
      for (std::int64_t i = 0; i < columns; i += kLanes) {
        pack_square(shape, first + i, k, weight, panel + k * columns + i, columns);
      }
    }
  }
}

void pack_pointwise_transposed_part(const PointwiseShape& shape, const ChannelRange& channels,
                                    const float* weight, float* packed) {
  constexpr std::int64_t kFew = 8;  // outputs at a time: whole lines of the weight are read
  const std::int64_t width = padded(shape.in);
  const std::int64_t end = padded(channels.end);
  for (std::int64_t from = 0; from < shape.out; from += kFew) {
    const std::int64_t to = least(from + kFew, shape.out);
    for (std::int64_t first = channels.begin; first < end; first += kPanel) {
      const std::int64_t columns = least(kPanel, width - first);
      float* const panel = packed + first * shape.out;
      for (std::int64_t k = from; k < to; ++k) {
        for (std::int64_t i = 0; i < columns; i += kLanes) {
          const std::int64_t lanes = least(kLanes, shape.in - first - i);
          store(panel + k * columns + i, load_partial(weight + k * shape.in + first + i, lanes));
        }
      }
    }
  }
}

void pack_pointwise(const PointwiseShape& shape, const float* weight, float* packed) {
  pack_pointwise_part(shape, {0, shape.out}, weight, packed);
}

void pack_pointwise_transposed(const PointwiseShape& shape, const float* weight, float* packed) {
  pack_pointwise_transposed_part(shape, {0, shape.in}, weight, packed);
}

// Wide layers have few rows: enough blocks for a few threads are more than few blocks.
std::int64_t pointwise_block(const PointwiseShape& shape) {
  return shape.in + shape.out >= 384 ? kRows : 2 * kRows;
}

// The larger of what the two passes take, each part rounded up to lines.
std::int64_t pointwise_scratch(const PointwiseShape& shape, std::int64_t rows) {
  const std::int64_t block = least(rows, kRows);
  const std::int64_t in = padded_stride(shape.in);
  const std::int64_t out = padded_stride(shape.out);
  return block * (in + out) + 5 * (in + out);
}

std::int64_t pointwise_factors(const PointwiseShape& shape, std::int64_t rows) {
  return rows * (padded_stride(shape.out) + padded(shape.in));
}

}  // namespace mobireg::MOBIREG_ISA
