#include "deploy/normalization.h"

#include <torch/types.h>

namespace mobireg {
namespace {

at::Tensor a_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).to(torch::kFloat).view({1, -1, 1, 1});
}

}  // namespace

at::Tensor mean_tensor(const InputConfig& input) { return a_channel(input.mean); }
at::Tensor scale_tensor(const InputConfig& input) { return a_channel(input.scale); }

at::Tensor normalized(const at::Tensor& pixels, const InputConfig& input) {
  return (pixels - mean_tensor(input)) / scale_tensor(input);
}

}  // namespace mobireg
