#pragma once

#include <vector>

#include "mobireg/model/mobilenet.h"

namespace mobireg {

/// The whole backbone, from images (N, channels, size, size) float to pooled features (N, F), as
/// one node of the autograd graph: convolutions of our own (kernels/kernels.h), batch normalisation
/// and ReLU6 applied where a layer's results are read, statistics gathered where they are made.
/// Layers in training use the batch's statistics and update the running ones as LibTorch does.
/// Images get no gradient. With `bfloat16`, which the processor must support, a pass that gradients
/// are wanted of stores z and g so, and multiplies such numbers. Time spent is added to `times`.
/// The result is the same for the same number of threads.
torch::Tensor fused_backbone(const torch::Tensor& images, const std::vector<BackboneLayer>& layers,
                             const std::shared_ptr<BackboneTimes>& times, bool bfloat16);

/// Whether `fused_backbone` takes these: floats on the CPU, images without gradient, depthwise
/// layers with one filter a channel, and more than one value a channel in every layer.
bool takes_fused_backbone(const torch::Tensor& images, const std::vector<BackboneLayer>& layers);

}  // namespace mobireg
