#include "mobireg/model/regressor.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "mobireg/model/head_outputs.h"
#include "model/fused_heads.h"
#include "model/initializers.h"

namespace mobireg {
namespace {

/// The first two columns of the unit matrix.
void look_ahead(const torch::nn::Linear& output) {
  const torch::NoGradGuard no_grad;
  output->bias.copy_(torch::tensor({1., 0., 0., 0., 1., 0.}));
}

}  // namespace

HeadImpl::HeadImpl(const HeadConfig& config, int features, int columns)
    : dropout_(config.dropout), generator_(at::detail::createCPUGenerator()) {
  if (config.hidden > 0) {
    hidden_ = register_module("hidden", torch::nn::Linear(features, config.hidden));
  }
  output_ = register_module(
      "output", torch::nn::Linear(config.hidden > 0 ? config.hidden : features, columns));
}

torch::Tensor HeadImpl::forward(const torch::Tensor& features) {
  if (!hidden_) return output_(features);
  const torch::Tensor hidden = torch::relu(hidden_(features));
  const torch::Tensor mask = dropout_mask(features.size(0));
  return output_(mask.defined() ? hidden * mask.to(hidden.device()) : hidden);
}

void HeadImpl::reseed(std::uint64_t seed) { generator_.set_current_seed(seed); }

torch::Tensor HeadImpl::dropout_mask(std::int64_t count) {
  if (!is_training() || dropout_ == 0) return {};
  const double keep = 1 - dropout_;
  // Drawn on the CPU: one generator, the same masks on every device.
  return torch::empty({count, hidden_->weight.size(0)}).bernoulli_(keep, generator_).div_(keep);
}

RegressorImpl::RegressorImpl(const ModelConfig& config, std::uint64_t seed)
    : config_(resolve_config(config)) {
  backbone_ = register_module("backbone", MobileNet(config_));
  const std::vector<HeadColumns> columns = head_columns(config_);
  auto heads = register_module("heads", std::make_shared<torch::nn::Module>());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Head head(config_.heads[i], backbone_->features(), columns[i].all_columns());
    heads_.push_back(heads->register_module(columns[i].name, head));
  }
  initialize_as_keras(*this, seed);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].form == HeadForm::kRotation) look_ahead(heads_[i]->output());
  }
  for (auto& parameter : parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

torch::Tensor RegressorImpl::forward(const torch::Tensor& images) {
  return heads(features(images));
}

torch::Tensor RegressorImpl::heads(const torch::Tensor& features) {
  const bool joined = fused_ && features.is_cpu() && features.scalar_type() == torch::kFloat &&
                      std::all_of(heads_.begin(), heads_.end(),
                                  [](const Head& head) { return head->has_hidden(); });
  if (joined) return joined_heads(features);
  std::vector<torch::Tensor> outputs;
  for (Head& head : heads_) outputs.push_back(head(features));
  return torch::cat(outputs, 1);
}

torch::Tensor RegressorImpl::predict(const torch::Tensor& images) {
  return decode_outputs(forward(images), config_);
}

torch::Tensor RegressorImpl::joined_heads(const torch::Tensor& features) {
  std::vector<HeadWeights> weights;
  std::vector<torch::Tensor> masks;
  bool drops = false;
  for (Head& head : heads_) {
    weights.push_back({head->hidden()->weight, head->hidden()->bias, head->output()->weight,
                       head->output()->bias});
    const torch::Tensor mask = head->dropout_mask(features.size(0));
    drops = drops || mask.defined();
    masks.push_back(
        mask.defined() ? mask : torch::ones({features.size(0), head->hidden()->weight.size(0)}));
  }
  return fused_heads(features, weights, drops ? torch::cat(masks, 1) : torch::Tensor());
}

void RegressorImpl::use_fused_kernels(bool use) {
  fused_ = use;
  backbone_->use_fused_kernels(use);
}

void RegressorImpl::reseed_dropout(std::uint64_t seed) {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    heads_[i]->reseed(derive_seed(seed, config_.heads[i].name));
  }
}

}  // namespace mobireg
