#pragma once

#include <torch/types.h>

#include <vector>

namespace mobireg {

/// One head's weights: hidden (H, F), (H); output (O, H), (O).
struct HeadWeights {
  torch::Tensor hidden_weight, hidden_bias, output_weight, output_bias;
};

/// Dense - ReLU - Dropout - Dense of all heads, their hidden layers as one product. features: (N,
/// F) float. mask: (N, all H) float, what the hidden values are multiplied by; undefined: nothing.
/// Returns (N, all O), the heads' one after the other.
torch::Tensor fused_heads(const torch::Tensor& features, const std::vector<HeadWeights>& heads,
                          const torch::Tensor& mask);

}  // namespace mobireg
