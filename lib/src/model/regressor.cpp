#include "mobireg/model/regressor.h"

#include <ATen/CPUGeneratorImpl.h>

#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "model/initializers.h"

namespace mobireg {

HeadImpl::HeadImpl(const HeadConfig& config, int features)
    : dropout_(config.dropout), generator_(at::detail::createCPUGenerator()) {
  const auto outputs = static_cast<std::int64_t>(config.outputs.size());
  if (config.hidden > 0) {
    hidden_ = register_module("hidden", torch::nn::Linear(features, config.hidden));
  }
  output_ = register_module(
      "output", torch::nn::Linear(config.hidden > 0 ? config.hidden : features, outputs));
}

torch::Tensor HeadImpl::forward(const torch::Tensor& features) {
  if (!hidden_) return output_(features);
  return output_(drop(torch::relu(hidden_(features))));
}

void HeadImpl::reseed(std::uint64_t seed) { generator_.set_current_seed(seed); }

torch::Tensor HeadImpl::drop(const torch::Tensor& hidden) {
  if (!is_training() || dropout_ == 0) return hidden;
  const double keep = 1 - dropout_;
  // The mask is drawn on the CPU: one generator, the same masks on every device.
  const auto mask = torch::empty(hidden.sizes(), hidden.options().device(torch::kCPU))
                        .bernoulli_(keep, generator_);
  return hidden * mask.div_(keep).to(hidden.device());
}

RegressorImpl::RegressorImpl(const ModelConfig& config, std::uint64_t seed)
    : config_(resolve_config(config)) {
  backbone_ = register_module("backbone", MobileNet(config_));
  auto heads = register_module("heads", std::make_shared<torch::nn::Module>());
  for (const HeadConfig& head : config_.heads) {
    heads_.push_back(heads->register_module(head.name, Head(head, backbone_->features())));
  }
  initialize_as_keras(*this, seed);
  for (auto& parameter : parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

torch::Tensor RegressorImpl::forward(const torch::Tensor& images) {
  const torch::Tensor features = backbone_(images);
  std::vector<torch::Tensor> outputs;
  for (Head& head : heads_) outputs.push_back(head(features));
  return torch::cat(outputs, 1);
}

void RegressorImpl::reseed_dropout(std::uint64_t seed) {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    heads_[i]->reseed(derive_seed(seed, config_.heads[i].name));
  }
}

}  // namespace mobireg
