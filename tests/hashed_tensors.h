#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mobireg {

/// Element `i` of the hash formula of tests/fixtures/README.md, before scaling: 64 random bits.
inline std::uint64_t hashed_bits(const std::string& name, std::uint64_t i) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::uint64_t z = hash + (i + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

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
