#include "mobireg/training/weight_average.h"

#include <torch/types.h>

#include <algorithm>

#include "core/fail.h"
#include "mobireg/model/weights.h"

namespace mobireg {
namespace {

constexpr const char* kUpdates = "average.updates";

}  // namespace

WeightAverage::WeightAverage(const Regressor& network, double decay)
    : source_(network), average_(network->config()), decay_(decay) {
  for (at::Tensor& parameter : average_->parameters()) parameter.set_requires_grad(false);
  average_->eval();
  reset();
}

std::vector<at::Tensor> WeightAverage::parameters() const { return average_->parameters(); }

void WeightAverage::reset() {
  load_weights(*average_, {{}, named_weights(*source_)}, "the network");
  updates_ = 0;
}

double WeightAverage::advance() {
  const torch::NoGradGuard no_grad;
  ++updates_;
  const auto t = static_cast<double>(updates_);
  const double share = 1 - std::min(decay_, (1 + t) / (10 + t));
  const auto sources = source_->buffers();
  const auto averages = average_->buffers();
  for (std::size_t i = 0; i < averages.size(); ++i) {
    at::Tensor average = averages[i];
    if (average.is_floating_point()) average.lerp_(sources[i], share);
  }
  return share;
}

std::vector<NamedTensor> WeightAverage::state() const {
  return {{kUpdates, torch::tensor(updates_, torch::kLong)}};
}

void WeightAverage::load_state(const TensorFile& file, const std::string& origin) {
  const at::Tensor updates = file.find(kUpdates);
  if (!updates.defined() || updates.numel() != 1) {
    fail("{}: the tensor {} is missing or of another shape", origin, kUpdates);
  }
  load_weights(*average_, file, origin, kNotWeights);
  updates_ = updates.item<std::int64_t>();
}

}  // namespace mobireg
