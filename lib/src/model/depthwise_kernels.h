#pragma once

#include <cstdint>

namespace mobireg {

// The inner loops of depthwise_convolution, over some rows of one image. x, y and their gradients
// are images of (height, width, channels) floats, the weights (3, 3, channels).

struct DepthwiseShape {
  std::int64_t channels;
  std::int64_t in_height, in_width;
  std::int64_t out_height, out_width;
  int stride;  // 1: one pixel of zeros around x; 2: no padding, in = 2 out + 1 or 2 out + 2
};

/// Rows `first` to `end` - 1 of y.
void depthwise_forward(const DepthwiseShape& shape, const float* x, const float* weight,
                       std::int64_t first, std::int64_t end, float* y);

/// sums, (3, 3, channels), += the gradient of the weight by rows `first` to `end` - 1 of dy.
void depthwise_weight_gradient(const DepthwiseShape& shape, const float* x, const float* dy,
                               std::int64_t first, std::int64_t end, float* sums);

/// Stride 2: pairs of rows, 2 first to 2 end - 1, of dx; with `end` = out_height also what is left.
void depthwise_stride2_input_gradient(const DepthwiseShape& shape, const float* dy,
                                      const float* weight, std::int64_t first, std::int64_t end,
                                      float* dx);

}  // namespace mobireg
