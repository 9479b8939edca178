#pragma once

#include <cstdint>

namespace mobireg {

// The inner loops of batch_norm_relu6. x, y and their gradients are `pixels` rows of `channels`
// floats; everything else has one float a channel. y = clamp(x * scale + offset, 0, 6).

/// sum += x - shift, square += (x - shift)^2: with a shift near the mean nothing cancels.
void batch_norm_sums(const float* x, std::int64_t pixels, std::int64_t channels, const float* shift,
                     float* sum, float* square);

void batch_norm_relu6_forward(const float* x, float* y, std::int64_t pixels, std::int64_t channels,
                              const float* scale, const float* offset);

/// With g the gradient of y where y was not clipped, else 0: sum += g, product += g (x - mean).
void batch_norm_relu6_backward_sums(const float* x, const float* dy, std::int64_t pixels,
                                    std::int64_t channels, const float* scale, const float* offset,
                                    const float* mean, float* sum, float* product);

/// dx = scale g - constant - slope (x - mean).
void batch_norm_relu6_backward(const float* x, const float* dy, float* dx, std::int64_t pixels,
                               std::int64_t channels, const float* scale, const float* offset,
                               const float* mean, const float* constant, const float* slope);

}  // namespace mobireg
