#include "mobireg/training/optimizer.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "training/optimizer_kernels.h"

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

/// Whether the one-sweep kernels can walk over it: floats on the CPU without gaps.
bool takes_kernel(const at::Tensor& weight) {
  return weight.is_cpu() && weight.scalar_type() == torch::kFloat &&
         weight.is_non_overlapping_and_dense();
}

/// The gradient with its values in the order of the weight's.
at::Tensor laid_out_as(const at::Tensor& weight, const at::Tensor& gradient) {
  if (gradient.strides() == weight.strides() && gradient.scalar_type() == torch::kFloat) {
    return gradient;
  }
  return torch::empty_like(weight.detach()).copy_(gradient);
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
  std::vector<UpdateSpan> spans;
  std::vector<at::Tensor> gradients;  // alive as long as the spans that point into them
  for (Slot& slot : slots_) {
    const at::Tensor gradient = slot.parameter.tensor.grad();
    if (!gradient.defined()) continue;
    if (takes_kernel(slot.parameter.tensor)) {
      gradients.push_back(laid_out_as(slot.parameter.tensor, gradient));
      add_spans(slot, gradients.back(), spans);
    } else {
      update(slot, gradient);
    }
  }
  at::parallel_for(0, static_cast<std::int64_t>(spans.size()), 1,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin; i < end; ++i) {
                       update(spans[static_cast<std::size_t>(i)]);
                     }
                   });
}

void Optimizer::add_spans(const Slot& slot, const at::Tensor& gradient,
                          std::vector<UpdateSpan>& spans) {
  constexpr std::int64_t kSpan = 16384;
  float* weight = slot.parameter.tensor.data_ptr<float>();
  float* first = slot.first.defined() ? slot.first.data_ptr<float>() : nullptr;
  float* second = slot.second.defined() ? slot.second.data_ptr<float>() : nullptr;
  const auto* values = gradient.data_ptr<float>();
  const std::int64_t size = gradient.numel();
  for (std::int64_t at = 0; at < size; at += kSpan) {
    spans.push_back({weight + at, values + at, first == nullptr ? nullptr : first + at,
                     second == nullptr ? nullptr : second + at, std::min(kSpan, size - at)});
  }
}

/// Adam's rate with its bias correction.
double Optimizer::corrected_rate() const {
  const auto t = static_cast<double>(steps_);
  return learning_rate() * std::sqrt(1 - std::pow(config_.beta_2, t)) /
         (1 - std::pow(config_.beta_1, t));
}

void Optimizer::update(const UpdateSpan& span) const {
  const auto rate = static_cast<float>(learning_rate());
  switch (config_.name) {
    case OptimizerKind::kSgd:
      update_sgd(span, rate);
      break;
    case OptimizerKind::kMomentum:
      update_momentum(span, rate, static_cast<float>(config_.momentum));
      break;
    case OptimizerKind::kAdam:
      update_adam(span,
                  {static_cast<float>(corrected_rate()), static_cast<float>(1 - config_.beta_1),
                   static_cast<float>(1 - config_.beta_2), static_cast<float>(config_.epsilon)});
      break;
  }
}

void Optimizer::update(Slot& slot, const at::Tensor& gradient) const {
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
    case OptimizerKind::kAdam:
      slot.first.lerp_(gradient, 1 - config_.beta_1);
      slot.second.lerp_(gradient.square(), 1 - config_.beta_2);
      weight.addcdiv_(slot.first, slot.second.sqrt().add_(config_.epsilon), -corrected_rate());
      break;
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
