#include "mobireg/training/rate_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mobireg/core/error.h"
#include "training/prepared_run.h"

namespace mobireg {
namespace {

constexpr double kMemory = 0.8;  // of the smoothed loss, a step

/// The config whose own exponential schedule is the ramp.
RunConfig ramp_config(RunConfig config, const RateFinderOptions& options) {
  TrainingConfig& training = config.training;
  training.accumulate = 1;
  training.early_stopping = 0;
  training.freeze_epochs = 0;
  training.distillation = {};
  training.unlabelled = {};
  training.steps_per_epoch = 1;
  training.epochs = options.steps;
  training.optimizer.warmup_epochs = 0;
  training.optimizer.schedule_epochs = 0;
  training.optimizer.schedule = ScheduleKind::kExponential;
  training.optimizer.learning_rate = options.lowest;
  training.optimizer.decay_epochs = options.steps - 1;
  training.optimizer.decay_factor = options.highest / options.lowest;
  return config;
}

/// The losses so far, smoothed as they come, to tell when they have gone.
class Divergence {
 public:
  bool add(double loss) {
    if (count_++ == 0) first_ = average_ = loss;
    average_ += (1 - kMemory) * (loss - average_);
    return average_ > first_ + 3 * std::abs(first_);
  }

 private:
  int count_ = 0;
  double first_ = 0;
  double average_ = 0;
};

}  // namespace

RateFinding find_learning_rate(const RunConfig& config, const RateFinderOptions& options) {
  PreparedRun run(ramp_config(config, options), {}, options.warn);
  Trainer& trainer = *run.trainer;
  const LearningRateSchedule schedule(run.config.training, trainer.steps_per_epoch());
  trainer.enter_training();
  RateFinding finding;
  Divergence divergence;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    if (options.stop != nullptr && *options.stop) break;
    const Batch batch = trainer.training_batch(step, /*in_parallel=*/true);
    double loss = 0;
    try {
      loss = trainer.train_on(batch);
    } catch (const Error&) {  // the loss is not finite
      break;
    }
    finding.steps.push_back({schedule.rate(step), loss, 0});
    if (divergence.add(loss)) break;
  }
  judge_rates(finding);
  return finding;
}

void judge_rates(RateFinding& finding) {
  auto& steps = finding.steps;
  const std::size_t count = steps.size();
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    double weights = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const double weight =
          std::pow(kMemory, std::abs(static_cast<double>(i) - static_cast<double>(j)));
      sum += weight * steps[j].loss;
      weights += weight;
    }
    steps[i].smoothed = sum / weights;
  }
  std::size_t lowest = 0;
  for (std::size_t i = 1; i < count; ++i) {
    if (steps[i].smoothed < steps[lowest].smoothed) lowest = i;
  }
  if (lowest == 0) return;
  finding.below_lowest = steps[lowest].rate / 10;
  double steepest = 0;
  for (std::size_t i = 1; i < lowest; ++i) {
    const double slope = (steps[i + 1].smoothed - steps[i - 1].smoothed) /
                         std::log(steps[i + 1].rate / steps[i - 1].rate);
    if (slope >= steepest) continue;
    steepest = slope;
    finding.steepest = steps[i].rate;
  }
}

std::string RateFinding::to_string() const {
  constexpr std::size_t kLines = 25;
  std::string text = fmt::format("{:>13}  {:>12}  {:>12}\n", "learning rate", "loss", "smoothed");
  const std::size_t every = std::max<std::size_t>(1, (steps.size() + kLines - 1) / kLines);
  for (std::size_t i = 0; i < steps.size(); i += every) {
    text += fmt::format("{:>13.2e}  {:>12.6g}  {:>12.6g}\n", steps[i].rate, steps[i].loss,
                        steps[i].smoothed);
  }
  if (!below_lowest) return text + "The loss does not fall at any of these rates.\n";
  if (steepest) text += fmt::format("The loss falls fastest at {:.2e}.\n", *steepest);
  return text + fmt::format("A tenth of the rate where it is lowest: {:.2e}.\n", *below_lowest);
}

std::string RateFinding::to_csv() const {
  std::string text = "learning_rate,loss,smoothed_loss\n";
  for (const RateStep& step : steps) {
    text += fmt::format("{},{},{}\n", step.rate, step.loss, step.smoothed);
  }
  return text;
}

}  // namespace mobireg
