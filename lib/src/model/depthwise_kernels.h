#pragma once

#include <cstdint>

namespace mobireg {

// The inner loops of depthwise_convolution: one row of y or dy of one image each call. x, y and
// their gradients are images of (height, width, channels) floats, the weights (3, 3, channels).

struct DepthwiseShape {
  std::int64_t channels;
  std::int64_t in_height, in_width;
  std::int64_t out_height, out_width;
  int stride;  // 1: one pixel of zeros around x; 2: no padding, in = 2 out + 1 or 2 out + 2
};

/// Row `row` of y.
void depthwise_forward_row(const DepthwiseShape& shape, const float* x, const float* weight,
                           std::int64_t row, float* y);

/// sums, (3, 3, channels), += the gradient of the weight by `row` of dy.
void depthwise_weight_gradient_row(const DepthwiseShape& shape, const float* x, const float* dy,
                                   std::int64_t row, float* sums);

/// Stride 2, rows 2 row and 2 row + 1 of dx; `row` from 0 to out_height (dx has a row more there).
void depthwise_stride2_input_gradient_row(const DepthwiseShape& shape, const float* dy,
                                          const float* weight, std::int64_t row, float* dx);

}  // namespace mobireg
