#include "kernels/pointwise.h"

#include "kernels/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t pointwise_packed(const PointwiseShape& shape) {
  const std::int64_t forward = shape.in * padded(shape.out);
  const std::int64_t backward = shape.out * padded(shape.in);
  return forward > backward ? forward : backward;
}

void pack_pointwise(const PointwiseShape& shape, const float* weight, float* packed) {
  const std::int64_t width = padded(shape.out);
  for (std::int64_t first = 0; first < width; first += kPanel) {
    const std::int64_t columns = least(kPanel, width - first);
    float* const panel = packed + first * shape.in;
    // A few inputs at a time: each line of the weight is read while it is in the cache.
    for (std::int64_t from = 0; from < shape.in; from += kFloatsInLine) {
      const std::int64_t to = least(from + kFloatsInLine, shape.in);
      for (std::int64_t i = 0; i < columns; ++i) {
        const bool exists = first + i < shape.out;
        const float* const row = weight + (first + i) * shape.in;
        for (std::int64_t k = from; k < to; ++k) panel[k * columns + i] = exists ? row[k] : 0;
      }
    }
  }
}

void pack_pointwise_transposed(const PointwiseShape& shape, const float* weight, float* packed) {
  const std::int64_t width = padded(shape.in);
  for (std::int64_t first = 0; first < width; first += kPanel) {
    const std::int64_t columns = least(kPanel, width - first);
    const EdgeCopy edge{least(columns, shape.in - first), columns};
    float* const panel = packed + first * shape.out;
    edge.load(weight + first, shape.in, static_cast<int>(shape.out), panel);
  }
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

}  // namespace mobireg::MOBIREG_ISA
