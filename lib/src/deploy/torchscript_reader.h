#pragma once

#include <torch/script.h>

#include <optional>

#include "deploy/network.h"

namespace mobireg {

/// The network of a frozen module that `to_torchscript` made; none where the module computes
/// anything else. `input`: what it is fed.
std::optional<Network> from_torchscript(const torch::jit::Module& module, const InputConfig& input);

}  // namespace mobireg
