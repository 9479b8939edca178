#pragma once

#include <torch/types.h>

#include <vector>

#include "mobireg/model/weights.h"

namespace mobireg {

/// Weights whose batch normalisation does something: trained statistics, scales and shifts.
inline Regressor lively_network(const ModelConfig& config) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  Regressor network(config);
  for (NamedTensor& named : named_weights(*network)) {
    torch::Tensor tensor = named.tensor.detach();
    const bool bn = named.name.find("_bn.") != std::string::npos;
    if (named.name.find("running_var") != std::string::npos) tensor.uniform_(0.2, 2);
    if (named.name.find("running_mean") != std::string::npos) tensor.normal_(0, 0.3);
    if (bn && named.name.find("weight") != std::string::npos) tensor.uniform_(0.5, 2);
    if (bn && named.name.find("bias") != std::string::npos) tensor.normal_(0.5, 0.5);
  }
  network->eval();
  return network;
}

inline std::vector<ModelConfig> kinds_of_models() {
  ModelConfig per_output;
  per_output.alpha = 0.25;
  ModelConfig grey = per_output;
  grey.input.size = 96;
  grey.input.color_mode = ColorMode::kGrayscale;
  grey.input.mean = {100};
  grey.input.scale = {50};
  grey.input.rescale = 2;
  grey.depth_multiplier = 2;
  ModelConfig joint = per_output;
  joint.outputs = {{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}};
  joint.heads = {{"landmarks", {"x{0..67}", "y{0..67}"}, 0}};
  joint.input.mean = {120, 110, 100};
  joint.input.scale = {60, 58, 56};
  return {per_output, grey, joint};
}

}  // namespace mobireg
