#include "model/initializers.h"

#include <cmath>

#include "mobireg/core/random.h"

namespace mobireg {

double glorot_limit(const std::vector<std::int64_t>& shape, std::int64_t groups) {
  std::int64_t area = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) area *= shape[i];
  const std::int64_t fan_in = area * (groups > 1 ? groups : shape[1]);
  const std::int64_t fan_out = area * (groups > 1 ? shape[0] / groups : shape[0]);
  return std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
}

namespace {

void fill_uniform(torch::Tensor weight, double limit, Random random) {
  float* values = weight.data_ptr<float>();
  for (std::int64_t i = 0; i < weight.numel(); ++i) {
    values[i] = static_cast<float>(random.uniform(-limit, limit));
  }
}

}  // namespace

void initialize_as_keras(RegressorImpl& network, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : network.named_modules("", /*include_self=*/false)) {
    const std::string name = module.key() + ".weight";
    if (const auto* conv = module.value()->as<torch::nn::Conv2d>()) {
      fill_uniform(conv->weight, glorot_limit(conv->weight.sizes().vec(), conv->options.groups()),
                   Random(derive_seed(seed, name)));
    } else if (const auto* dense = module.value()->as<torch::nn::Linear>()) {
      fill_uniform(dense->weight, glorot_limit(dense->weight.sizes().vec(), 1),
                   Random(derive_seed(seed, name)));
      dense->bias.data().zero_();
    }
  }
}

}  // namespace mobireg
