#include "mobireg/training/schedule.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace mobireg {
namespace {

constexpr const char* kPlateauState = "schedule.plateau";
constexpr double kOneCycleStart = 1.0 / 25;

/// From `from` to `to` as half a cosine, `share` (0 to 1) of the way.
double half_cosine(double from, double to, double share) {
  constexpr double kPi = 3.141592653589793;
  return to + (from - to) * 0.5 * (1 + std::cos(kPi * share));
}

bool ends_at_zero(const OptimizerConfig& optimizer) {
  return optimizer.schedule == ScheduleKind::kCosine ||
         optimizer.schedule == ScheduleKind::kOneCycle;
}

}  // namespace

bool depends_on_length(const OptimizerConfig& optimizer) {
  return ends_at_zero(optimizer) && optimizer.schedule_epochs == 0;
}

LearningRateSchedule::LearningRateSchedule(const TrainingConfig& training,
                                           std::int64_t steps_per_epoch)
    : config_(training.optimizer),
      steps_per_epoch_(static_cast<double>(steps_per_epoch)),
      warmup_(training.optimizer.warmup_epochs * steps_per_epoch_),
      length_(steps_per_epoch_ *
              (config_.schedule_epochs > 0 ? config_.schedule_epochs : training.epochs)) {}

double LearningRateSchedule::rate(std::int64_t step) const {
  auto t = static_cast<double>(step);
  if (ends_at_zero(config_) && t >= length_) t = length_ - steps_per_epoch_;
  return *config_.learning_rate * factor(t);
}

double LearningRateSchedule::factor(double step) const {
  if (config_.schedule == ScheduleKind::kOneCycle) return one_cycle(step);
  if (step + 1 < warmup_) return (step + 1) / warmup_;
  const double after = std::max(0.0, step - warmup_);
  const double decays = after / (config_.decay_epochs * steps_per_epoch_);
  switch (config_.schedule) {
    case ScheduleKind::kConstant:
    case ScheduleKind::kOneCycle:
      break;
    case ScheduleKind::kStep:
      return std::pow(config_.decay_factor, std::floor(decays));
    case ScheduleKind::kExponential:
      return std::pow(config_.decay_factor, decays);
    case ScheduleKind::kCosine:
      return half_cosine(1, 0, after / (length_ - warmup_));
    case ScheduleKind::kPlateau:
      return std::pow(config_.decay_factor, static_cast<double>(reductions_));
  }
  return 1;
}

double LearningRateSchedule::one_cycle(double step) const {
  const double rise = warmup_ > 0 ? warmup_ : length_ / 3;
  if (step < rise) return half_cosine(kOneCycleStart, 1, step / rise);
  return half_cosine(1, 0, (step - rise) / (length_ - rise));
}

void LearningRateSchedule::end_epoch(int epoch, bool best) {
  if (epoch <= config_.warmup_epochs) return;
  epochs_waited_ = best ? 0 : epochs_waited_ + 1;
  if (epochs_waited_ < config_.plateau_patience) return;
  epochs_waited_ = 0;
  ++reductions_;
}

std::vector<NamedTensor> LearningRateSchedule::state() const {
  if (config_.schedule != ScheduleKind::kPlateau) return {};
  return {{kPlateauState, torch::tensor({epochs_waited_, reductions_}, torch::kLong)}};
}

void LearningRateSchedule::load_state(const TensorFile& file, const std::string& origin) {
  if (config_.schedule != ScheduleKind::kPlateau) return;
  const at::Tensor state = file.find(kPlateauState);
  if (!state.defined() || state.scalar_type() != torch::kLong || state.numel() != 2) {
    fail("{}: the tensor {} is missing or of another shape", origin, kPlateauState);
  }
  epochs_waited_ = state.data_ptr<std::int64_t>()[0];
  reductions_ = state.data_ptr<std::int64_t>()[1];
}

}  // namespace mobireg
