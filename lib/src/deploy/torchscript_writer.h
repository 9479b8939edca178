#pragma once

#include <torch/script.h>

#include "deploy/folded_network.h"

namespace mobireg {

/// The network as a frozen TorchScript module: forward(x), x (N, channels, size, size) float,
/// pixels of 0 to 255, or normalised where `normalization_inside` is false.
torch::jit::Module to_torchscript(const FoldedNetwork& network, bool normalization_inside);

}  // namespace mobireg
