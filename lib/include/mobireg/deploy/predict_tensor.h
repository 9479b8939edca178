#pragma once

#include <ATen/core/Tensor.h>

#include "mobireg/deploy/predictor.h"

namespace mobireg {

/// pixels: (N, channels, size, size) of 0 to 255, RGB or grey. Returns (N, outputs) float in the
/// outputs' units. Throws Error when `pixels` has another shape.
at::Tensor predict_tensor(const Predictor& predictor, const at::Tensor& pixels);

/// Also sets `sigmas` to each output's standard deviation, (N, outputs), NaN where the network
/// gives none; undefined where it gives none at all.
at::Tensor predict_tensor(const Predictor& predictor, const at::Tensor& pixels, at::Tensor& sigmas);

}  // namespace mobireg
