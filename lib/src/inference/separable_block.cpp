#include "inference/declarations.h"
#include "inference/pointwise.h"

namespace mobireg::MOBIREG_ISA {

namespace {

/// One register of channels along one row of output.
template <Finish kind>
MOBIREG_INLINE void depthwise_row(const SeparableBlock& block, const float* x, std::int64_t at,
                                  float* y) {
  const std::int64_t channels = std::int64_t{block.depthwise_vectors} * kLanes;
  const std::int64_t row = block.input.row_stride;
  const std::int64_t pixel = block.input.pixel_stride;
  const Finisher<kind> finish(block.depthwise, at);
  const std::int64_t step = block.stride * pixel;
  const std::int64_t strip_stride = block.strip_stride;
  const int width = block.output.width;
  Vector w[9];
#pragma GCC unroll 9
  for (int k = 0; k < 9; ++k) w[k] = load(block.depthwise_weight + k * channels + at);
  for (int column = 0; column < width; ++column, x += step, y += strip_stride) {
    // Three sums: short chains of dependent additions.
    Vector sums[3] = {};
#pragma GCC unroll 3
    for (int i = 0; i < 3; ++i) {
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) sums[i] += load(x + i * row + j * pixel) * w[3 * i + j];
    }
    store(y, finish(sums[0] + sums[1] + sums[2], 0));
  }
}

void depthwise_strip(const SeparableBlock& block, std::int64_t first_row, int rows) {
  for (int i = 0; i < rows; ++i) {
    const std::int64_t image = (first_row + i) / block.output.height;
    const std::int64_t row = (first_row + i) % block.output.height;
    const float* x = block.input.data + image * block.input.image_stride +
                     row * block.stride * block.input.row_stride;
    float* y = block.strip + i * std::int64_t{block.output.width} * block.strip_stride;
    for (int v = 0; v < block.depthwise_vectors; ++v) {
      if (is_float(block.depthwise)) {
        depthwise_row<Finish::kFloat>(block, x + v * kLanes, v * kLanes, y + v * kLanes);
      } else {
        depthwise_row<Finish::kInt8>(block, x + v * kLanes, v * kLanes, y + v * kLanes);
      }
    }
  }
}

}  // namespace

void infer_separable_block(const SeparableBlock& block) {
  const std::int64_t all = block.images * block.output.height;
  for (std::int64_t row = 0; row < all; row += block.strip_rows) {
    const int rows = static_cast<int>(smaller<std::int64_t>(block.strip_rows, all - row));
    depthwise_strip(block, row, rows);
    const PixelRows strip{block.strip, block.strip_stride, std::int64_t{rows} * block.output.width};
    run_pointwise(block.pointwise, strip, block.output, row, *block.stream);
  }
}

}  // namespace mobireg::MOBIREG_ISA
