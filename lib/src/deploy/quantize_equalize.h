#pragma once

#include <ATen/core/Tensor.h>

#include "deploy/network.h"

namespace mobireg {

/// Scales the channels between two layers so that each fills more of the range that they share.
/// The network computes the same, but for channels beyond what `images` made of them.
/// pointwise: how far the inputs of pointwise convolutions and Dense layers are equalised, 0 (not)
/// to 1 (fully), at their weights' expense. Those of depthwise convolutions, which have a weight
/// scale for each channel, always are.
Network equalized(Network network, const at::Tensor& images, double pointwise);

}  // namespace mobireg
