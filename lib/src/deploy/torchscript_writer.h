#pragma once

#include <torch/script.h>

#include "deploy/network.h"
#include "deploy/written_heads.h"

namespace mobireg {

/// The network as a frozen TorchScript module: forward(x), x (N, channels, size, size) float,
/// pixels of 0 to 255, or normalised where the network has no normalisation. Throws Error for a
/// network with layers in int8. angles: of heads that end in them.
torch::jit::Module to_torchscript(const Network& network, const HeadAngles& angles = {});

}  // namespace mobireg
