// The rules between the fields of how a network is trained.

#include "config/fields.h"
#include "config/resolve.h"
#include "core/fail.h"

namespace mobireg {
namespace {

double default_rate(OptimizerKind kind) {
  const bool is_adam = kind == OptimizerKind::kAdam || kind == OptimizerKind::kAdamW;
  return is_adam ? 0.001 : 0.01;
}

void check_schedule(const OptimizerConfig& optimizer, int epochs) {
  const bool has_length =
      optimizer.schedule == ScheduleKind::kCosine || optimizer.schedule == ScheduleKind::kOneCycle;
  if (optimizer.schedule_epochs > 0 && !has_length) {
    fail("training.optimizer.schedule_epochs: only cosine and one_cycle take it; schedule is {}",
         enum_name(optimizer.schedule));
  }
  const int length = optimizer.schedule_epochs > 0 ? optimizer.schedule_epochs : epochs;
  if (optimizer.warmup_epochs >= length) {
    fail(
        "training.optimizer.warmup_epochs: {} is not allowed; it must be less than the {} epochs "
        "of the schedule",
        optimizer.warmup_epochs, length);
  }
}

}  // namespace

void resolve_training(TrainingConfig& training) {
  OptimizerConfig& optimizer = training.optimizer;
  if (!optimizer.learning_rate) optimizer.learning_rate = default_rate(optimizer.name);
  check_schedule(optimizer, training.epochs);
  if (!training.init_parts.empty() && training.init_from.empty()) {
    fail("training.init_parts: it says what to take from training.init_from, which is not given");
  }
  make_absolute(training.init_from);
}

}  // namespace mobireg
