#include "mobireg/training/optimizer.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/fail.h"
#include "training/optimizer_kernels.h"

namespace mobireg {
namespace {

constexpr const char* kSteps = "optimizer.steps";
constexpr const char* kGradient = "optimizer.gradient.";
constexpr std::int64_t kSpan = 16384;  // values; with their averages they stay in a core's cache

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

/// The gradient with its values in the order of the weight's, where kernels are to walk over it.
at::Tensor laid_out_as(const at::Tensor& weight, const at::Tensor& gradient) {
  if (!gradient.defined() || !takes_kernel(weight) ||
      (gradient.strides() == weight.strides() && gradient.scalar_type() == torch::kFloat)) {
    return gradient;
  }
  return torch::empty_like(weight.detach()).copy_(gradient);
}

template <class Body>
void for_each_in_parallel(std::size_t count, const Body& body) {
  at::parallel_for(0, static_cast<std::int64_t>(count), 1,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin; i < end; ++i) body(static_cast<std::size_t>(i));
                   });
}

/// Sum of squares of a gradient as `laid_out_as` gives it. Its order does not depend on the number
/// of threads.
double squares_of(const at::Tensor& weight, const at::Tensor& gradient) {
  if (!takes_kernel(weight)) return gradient.to(torch::kDouble).square().sum().item<double>();
  const auto* values = gradient.data_ptr<float>();
  const std::int64_t size = gradient.numel();
  std::vector<double> sums(static_cast<std::size_t>((size + kSpan - 1) / kSpan));
  for_each_in_parallel(sums.size(), [&](std::size_t i) {
    const std::int64_t at = static_cast<std::int64_t>(i) * kSpan;
    sums[i] = sum_of_squares(values + at, std::min(kSpan, size - at));
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

bool begins_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

Optimizer::Optimizer(std::vector<NamedTensor> parameters, const OptimizerConfig& config)
    : config_(config) {
  for (NamedTensor& parameter : parameters) {
    Slot slot;
    const at::Tensor values = parameter.tensor.detach();
    if (config.name != OptimizerKind::kSgd) slot.first = torch::zeros_like(values);
    if (is_adam()) slot.second = torch::zeros_like(values);
    if (begins_with(parameter.name, "backbone.")) slot.rate_factor = config.backbone_rate;
    slot.decays = values.dim() > 1;  // biases and BatchNorm's have one
    slot.parameter = std::move(parameter);
    slots_.push_back(std::move(slot));
  }
}

void Optimizer::set_averages(const std::vector<at::Tensor>& averages) {
  for (std::size_t i = 0; i < averages.size(); ++i) slots_.at(i).average = averages[i].detach();
}

void Optimizer::zero_grad() {
  for (Slot& slot : slots_) slot.parameter.tensor.mutable_grad() = at::Tensor();
}

bool Optimizer::is_adam() const {
  return config_.name == OptimizerKind::kAdam || config_.name == OptimizerKind::kAdamW;
}

void Optimizer::step(const UpdateOptions& options) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const Slot& slot : slots_) {
    gradients.push_back(laid_out_as(slot.parameter.tensor, slot.parameter.tensor.grad()));
  }
  const double scale = options.gradient_scale * clip_factor(options, gradients);
  std::vector<UpdateSpan> spans;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (gradients[i].defined()) ++slot.updates;
    if (takes_kernel(slot.parameter.tensor)) {
      add_spans(slot, gradients[i], rule_of(slot, scale), spans);
      continue;
    }
    if (gradients[i].defined()) update(slot, gradients[i], scale);
    if (slot.average.defined()) slot.average.lerp_(slot.parameter.tensor, options.average_share);
  }
  const auto share = static_cast<float>(options.average_share);
  for_each_in_parallel(spans.size(), [&](std::size_t i) {
    if (spans[i].gradient != nullptr) update(spans[i]);
    if (spans[i].average != nullptr) update_average(spans[i], share);
  });
}

void Optimizer::add_spans(const Slot& slot, const at::Tensor& gradient, const UpdateRule& rule,
                          std::vector<UpdateSpan>& spans) {
  const auto values = [](const at::Tensor& tensor, std::int64_t at) {
    return tensor.defined() ? tensor.data_ptr<float>() + at : nullptr;
  };
  const std::int64_t size = slot.parameter.tensor.numel();
  for (std::int64_t at = 0; at < size; at += kSpan) {
    spans.push_back({values(slot.parameter.tensor, at), values(gradient, at),
                     values(slot.first, at), values(slot.second, at), values(slot.average, at),
                     std::min(kSpan, size - at), rule});
  }
}

double Optimizer::clip_factor(const UpdateOptions& options,
                              const std::vector<at::Tensor>& gradients) const {
  if (config_.clip_norm == 0) return 1;
  double squares = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (gradients[i].defined()) squares += squares_of(slots_[i].parameter.tensor, gradients[i]);
  }
  const double norm = options.gradient_scale * std::sqrt(squares);
  if (!std::isfinite(norm)) {
    fail("the gradients' norm is {} in update {}; it cannot be clipped", norm,
         slots_.back().updates + 1);
  }
  return config_.clip_norm / std::max(config_.clip_norm, norm);
}

/// With Adam's bias correction.
double Optimizer::rate_of(const Slot& slot) const {
  const double rate = learning_rate() * slot.rate_factor;
  if (!is_adam()) return rate;
  const auto t = static_cast<double>(slot.updates);
  return rate * std::sqrt(1 - std::pow(config_.beta_2, t)) / (1 - std::pow(config_.beta_1, t));
}

UpdateRule Optimizer::rule_of(const Slot& slot, double gradient_scale) const {
  const bool apart = config_.name == OptimizerKind::kAdamW;
  const double decay = slot.decays ? config_.weight_decay : 0;
  UpdateRule rule;
  rule.rate = static_cast<float>(rate_of(slot));
  rule.gradient_scale = static_cast<float>(gradient_scale);
  rule.penalty = static_cast<float>(apart ? 0 : decay);
  rule.decay = static_cast<float>(apart ? learning_rate() * slot.rate_factor * decay : 0);
  rule.momentum = static_cast<float>(config_.momentum);
  rule.mean_share = static_cast<float>(1 - config_.beta_1);
  rule.square_share = static_cast<float>(1 - config_.beta_2);
  rule.epsilon = static_cast<float>(config_.epsilon);
  return rule;
}

void Optimizer::update(const UpdateSpan& span) const {
  switch (config_.name) {
    case OptimizerKind::kSgd:
      update_sgd(span);
      break;
    case OptimizerKind::kMomentum:
      update_momentum(span);
      break;
    case OptimizerKind::kNesterov:
      update_nesterov(span);
      break;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      update_adam(span);
      break;
  }
}

void Optimizer::update(Slot& slot, const at::Tensor& gradient, double gradient_scale) const {
  at::Tensor weight = slot.parameter.tensor.detach();
  at::Tensor g = gradient * gradient_scale;
  const double rate = rate_of(slot);
  if (slot.decays && config_.weight_decay > 0) {
    if (config_.name == OptimizerKind::kAdamW) {
      weight.mul_(1 - learning_rate() * slot.rate_factor * config_.weight_decay);
    } else {
      g.add_(weight, config_.weight_decay);
    }
  }
  switch (config_.name) {
    case OptimizerKind::kSgd:
      weight.sub_(g, rate);
      break;
    case OptimizerKind::kMomentum:
      slot.first.mul_(config_.momentum).sub_(g, rate);
      weight.add_(slot.first);
      break;
    case OptimizerKind::kNesterov:
      slot.first.mul_(config_.momentum).sub_(g, rate);
      weight.add_(slot.first, config_.momentum).sub_(g, rate);
      break;
    case OptimizerKind::kAdam:
    case OptimizerKind::kAdamW:
      slot.first.lerp_(g, 1 - config_.beta_1);
      slot.second.lerp_(g.square(), 1 - config_.beta_2);
      weight.addcdiv_(slot.first, slot.second.sqrt().add_(config_.epsilon), -rate);
      break;
  }
}

std::vector<NamedTensor> Optimizer::state() const {
  std::vector<std::int64_t> updates;
  for (const Slot& slot : slots_) updates.push_back(slot.updates);
  std::vector<NamedTensor> tensors{{kSteps, torch::tensor(updates, torch::kLong)}};
  for (const Slot& slot : slots_) {
    if (slot.first.defined()) tensors.push_back({"optimizer.m." + slot.parameter.name, slot.first});
    if (slot.second.defined())
      tensors.push_back({"optimizer.v." + slot.parameter.name, slot.second});
  }
  return tensors;
}

void Optimizer::load_state(const TensorFile& file, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  const auto count = static_cast<std::int64_t>(slots_.size());
  const at::Tensor updates = torch::zeros({count}, torch::kLong);
  load(file, origin, kSteps, updates);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.updates = updates.data_ptr<std::int64_t>()[i];
    if (slot.first.defined()) load(file, origin, "optimizer.m." + slot.parameter.name, slot.first);
    if (slot.second.defined())
      load(file, origin, "optimizer.v." + slot.parameter.name, slot.second);
  }
}

std::vector<NamedTensor> Optimizer::gradients() const {
  std::vector<NamedTensor> tensors;
  for (const Slot& slot : slots_) {
    const at::Tensor gradient = slot.parameter.tensor.grad();
    if (gradient.defined()) tensors.push_back({kGradient + slot.parameter.name, gradient});
  }
  return tensors;
}

void Optimizer::load_gradients(const TensorFile& file, const std::string& origin) {
  std::size_t loaded = 0;
  for (Slot& slot : slots_) {
    const std::string name = kGradient + slot.parameter.name;
    if (!file.find(name).defined()) continue;  // of a part that did not learn
    const at::Tensor gradient = torch::empty_like(slot.parameter.tensor.detach());
    load(file, origin, name, gradient);
    slot.parameter.tensor.mutable_grad() = gradient;
    ++loaded;
  }
  if (loaded == 0) fail("{}: the gradients of an update in the making are missing", origin);
}

}  // namespace mobireg
