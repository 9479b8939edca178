#pragma once

#include <ATen/core/Tensor.h>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// (1, channels, 1, 1) float.
at::Tensor mean_tensor(const InputConfig& input);
at::Tensor scale_tensor(const InputConfig& input);

/// (pixels - mean) / scale; pixels: (N, channels, size, size) float of 0 to 255.
at::Tensor normalized(const at::Tensor& pixels, const InputConfig& input);

}  // namespace mobireg
