#include "mobireg/training/optimizer.h"

#include <torch/types.h>

#include <cmath>

#include "core/fail.h"

namespace mobireg {
namespace {

constexpr const char* kSteps = "optimizer.steps";

void load(const TensorFile& file, const std::string& origin, const std::string& name,
          at::Tensor target) {
  const at::Tensor source = file.find(name);
  if (!source.defined() || source.sizes() != target.sizes()) {
    fail("{}: the optimiser's tensor {} is missing or of another shape", origin, name);
  }
  target.copy_(source);
}

}  // namespace

Optimizer::Optimizer(std::vector<NamedTensor> parameters, const OptimizerConfig& config)
    : config_(config) {
  for (NamedTensor& parameter : parameters) {
    Slot slot{parameter, {}, {}};
    const at::Tensor values = parameter.tensor.detach();
    if (config.name != OptimizerKind::kSgd) slot.first = torch::zeros_like(values);
    if (config.name == OptimizerKind::kAdam) slot.second = torch::zeros_like(values);
    slots_.push_back(std::move(slot));
  }
}

void Optimizer::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.tensor.mutable_grad() = at::Tensor();
}

void Optimizer::step() {
  const torch::NoGradGuard no_grad;
  ++steps_;
  for (Slot& slot : slots_) {
    const at::Tensor gradient = slot.parameter.tensor.grad();
    if (gradient.defined()) update(slot, gradient);
  }
}

void Optimizer::update(Slot& slot, const at::Tensor& gradient) {
  at::Tensor weight = slot.parameter.tensor.detach();
  const double rate = learning_rate();
  switch (config_.name) {
    case OptimizerKind::kSgd:
      weight.sub_(gradient, rate);
      break;
    case OptimizerKind::kMomentum:
      slot.first.mul_(config_.momentum).sub_(gradient, rate);
      weight.add_(slot.first);
      break;
    case OptimizerKind::kAdam: {
      const auto t = static_cast<double>(steps_);
      const double corrected =
          rate * std::sqrt(1 - std::pow(config_.beta_2, t)) / (1 - std::pow(config_.beta_1, t));
      slot.first.lerp_(gradient, 1 - config_.beta_1);
      slot.second.lerp_(gradient.square(), 1 - config_.beta_2);
      weight.addcdiv_(slot.first, slot.second.sqrt().add_(config_.epsilon), -corrected);
      break;
    }
  }
}

std::vector<NamedTensor> Optimizer::state() const {
  std::vector<NamedTensor> tensors{{kSteps, torch::tensor(steps_, torch::kLong)}};
  for (const Slot& slot : slots_) {
    if (slot.first.defined()) tensors.push_back({"optimizer.m." + slot.parameter.name, slot.first});
    if (slot.second.defined())
      tensors.push_back({"optimizer.v." + slot.parameter.name, slot.second});
  }
  return tensors;
}

void Optimizer::load_state(const TensorFile& file, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  at::Tensor steps = torch::zeros({}, torch::kLong);
  load(file, origin, kSteps, steps);
  steps_ = steps.item<std::int64_t>();
  for (Slot& slot : slots_) {
    if (slot.first.defined()) load(file, origin, "optimizer.m." + slot.parameter.name, slot.first);
    if (slot.second.defined())
      load(file, origin, "optimizer.v." + slot.parameter.name, slot.second);
  }
}

}  // namespace mobireg
