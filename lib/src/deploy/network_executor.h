#pragma once

#include <ATen/core/Tensor.h>

#include "deploy/network.h"

namespace mobireg {

/// What the network's definition (deploy/network.h) says comes out, layer by layer with LibTorch:
/// the yardstick for files that no library here runs. Sums of whole numbers are exact.
/// images: (N, channels, size, size) float, pixels or normalised values as the network takes them.
/// Returns (N, outputs) float.
at::Tensor execute(const Network& network, const at::Tensor& images);

}  // namespace mobireg
