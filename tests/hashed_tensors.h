#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "hashed_bits.h"

namespace mobireg {

/// offset + scale * u, u in [-1, 1): the tensors both languages compute. Contiguous float.
inline torch::Tensor hashed_tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                                   double offset, double scale) {
  torch::Tensor tensor = torch::empty(shape, torch::kFloat);
  const auto exact_offset = static_cast<double>(static_cast<float>(offset));
  const auto exact_scale = static_cast<double>(static_cast<float>(scale));
  float* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const std::uint64_t bits = hashed_bits(name, static_cast<std::uint64_t>(i)) >> 40;
    const double u = static_cast<double>(bits) / 16777216.0 * 2 - 1;
    values[i] = static_cast<float>(exact_offset + exact_scale * u);
  }
  return tensor;
}

}  // namespace mobireg
