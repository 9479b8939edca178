#pragma once

#include <vector>

#include "mobireg/model/mobilenet.h"

namespace mobireg {

/// The whole backbone, from images (N, channels, size, size) float to pooled features (N, F), as
/// one node of the autograd graph: convolutions of our own (kernels/kernels.h), batch normalisation
/// and ReLU6 applied where a layer's results are read, statistics gathered where they are made.
/// Layers in training use the batch's statistics and update the running ones as LibTorch does.
/// Images get no gradient. Time spent is added to `times`. The result is the same for the same
/// number of threads.
torch::Tensor fused_backbone(const torch::Tensor& images, const std::vector<BackboneLayer>& layers,
                             const std::shared_ptr<BackboneTimes>& times);

/// Whether `fused_backbone` takes these: floats on the CPU, images without gradient, depthwise
/// layers with one filter a channel, and more than one value a channel in every layer.
bool takes_fused_backbone(const torch::Tensor& images, const std::vector<BackboneLayer>& layers);

}  // namespace mobireg
