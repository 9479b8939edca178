#include "mobireg/training/overfit.h"

#include <torch/types.h>

#include "core/fail.h"
#include "mobireg/model/head_outputs.h"
#include "training/prepared_run.h"

namespace mobireg {
namespace {

constexpr int kJudgedEvery = 10;  // steps

/// A run that can do nothing but learn its batch.
RunConfig bare_config(RunConfig config) {
  config.augmentation = {};
  config.data.save_to_dir.clear();
  for (HeadConfig& head : config.model.heads) head.dropout = 0;
  TrainingConfig& training = config.training;
  training.accumulate = 1;
  training.ema_decay = 0;
  training.early_stopping = 0;
  training.freeze_epochs = 0;
  training.distillation = {};
  training.unlabelled = {};
  training.optimizer.schedule = ScheduleKind::kConstant;
  training.optimizer.schedule_epochs = 0;
  training.optimizer.warmup_epochs = 0;
  training.optimizer.weight_decay = 0;
  return config;
}

double mae_of(const at::Tensor& outputs, const Batch& batch, const ModelConfig& model) {
  MetricSums sums(model.outputs);
  sums.add(outputs, batch, 0);
  return sums.values().mae;
}

/// Each output's mean label, for every image.
at::Tensor mean_labels(const Batch& batch) {
  if (!batch.present.defined()) return batch.targets.mean(0, true).expand_as(batch.targets);
  const at::Tensor sums = (batch.targets * batch.present).sum(0, true);
  return (sums / batch.present.sum(0, true).clamp_min(1)).expand_as(batch.targets);
}

}  // namespace

OverfitCheck overfit_batch(const RunConfig& config, const WarningCallback& warn,
                           const std::atomic<bool>* stop) {
  PreparedRun run(bare_config(resolve_config(config)), {}, warn);
  Trainer& trainer = *run.trainer;
  const ModelConfig& model = run.config.model;
  const Batch batch = trainer.training_batch(0, /*in_parallel=*/true);
  OverfitCheck check;
  check.images = static_cast<int>(batch.rows.size());
  check.mean_error = mae_of(mean_labels(batch), batch, model);
  if (!(check.mean_error > 0)) {
    fail("the batch of {} images cannot be learnt: all its labels are the same", check.images);
  }
  trainer.enter_training();
  const auto judge = [&] {
    const torch::NoGradGuard no_grad;
    const at::Tensor raw = trainer.network()->forward(batch.images);
    check.error = mae_of(decode_outputs(raw, model), batch, model);
  };
  for (judge(); !check.passed() && check.steps < OverfitCheck::kMostSteps; judge()) {
    if (stop != nullptr && *stop) break;
    for (int i = 0; i < kJudgedEvery; ++i) trainer.train_on(batch);
    check.steps += kJudgedEvery;
  }
  return check;
}

std::string OverfitCheck::to_string() const {
  return fmt::format(
      "{}: after {} steps on one batch of {} images the mae is {:.4g}, {:.0f} % of what its mean "
      "labels have ({:.4g}); at most {:.0f} % within {} steps is wanted",
      passed() ? "OK" : "failed", steps, images, error, 100 * error / mean_error, mean_error,
      100 * kEnough, kMostSteps);
}

}  // namespace mobireg
