#include "mobireg/training/trainer.h"

#include <torch/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/fail.h"
#include "mobireg/core/random.h"
#include "mobireg/data/prefetcher.h"
#include "mobireg/model/head_outputs.h"
#include "mobireg/model/weights.h"
#include "training/batch_options.h"

namespace mobireg {
namespace {

/// Time and images of an epoch, in this process.
class Pace {
 public:
  void add(const Batch& batch) { images_ += static_cast<double>(batch.rows.size()); }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double images_per_second() const { return images_ / seconds(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  double images_ = 0;
};

/// What `work` returns; its seconds are added to `seconds`.
template <class Work>
auto timed(double& seconds, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

/// Refuses what this processor or these rows cannot give.
const RunConfig& runnable(const RunConfig& config, const Datasets& datasets) {
  if (config.precision == ComputePrecision::kBf16 && !has_bfloat16_kernels()) {
    fail("precision: bf16 needs a processor with AVX512-BF16, and this one has none; use fp32");
  }
  if (datasets.validation.size() > 0) return config;
  const bool plateau = config.training.optimizer.schedule == ScheduleKind::kPlateau;
  if (plateau || config.training.early_stopping > 0) {
    fail("{} needs validation rows, and there are none",
         plateau ? "training.optimizer.schedule: plateau" : "training.early_stopping");
  }
  return config;
}

/// The network's first.
std::vector<NamedTensor> parameters_of(const Regressor& network, const Teaching& teaching) {
  std::vector<NamedTensor> parameters;
  for (const auto& item : network->named_parameters()) {
    parameters.push_back({item.key(), item.value()});
  }
  for (const NamedTensor& named : teaching.parameters()) parameters.push_back(named);
  return parameters;
}

BatchOptions with_teachers(BatchOptions batches, const TeacherAnswers& answers) {
  batches.teacher_targets = answers.targets;
  batches.geometry = answers.mirrored_features.defined();
  return batches;
}

}  // namespace

void WarningQueue::push(std::string text) {
  const std::lock_guard lock(mutex_);
  texts_.push_back(std::move(text));
}

std::vector<std::string> WarningQueue::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(texts_, {});
}

Trainer::Trainer(const RunConfig& config, const Datasets& datasets, const TrainerOptions& options)
    : config_(runnable(config, datasets)),
      datasets_(datasets),
      standardizer_(std::make_shared<const Standardizer>(config.model.input, options.whitening)),
      train_source_(datasets.train, config.model, standardizer_,
                    with_teachers(training_batch_options(
                                      config, options.preprocessing,
                                      [this](const std::string& text) { warnings_.push(text); }),
                                  options.answers)),
      validation_(
          config, datasets.validation, standardizer_,
          validation_batch_options(config, options.preprocessing,
                                   [this](const std::string& text) { warnings_.push(text); })),
      network_(config.model, derive_seed(config.seed, "weights")),
      teaching_(config, network_->backbone()->features(), options.answers),
      optimizer_(parameters_of(network_, teaching_), config.training.optimizer),
      schedule_(config.training, steps_per_epoch()),
      loss_(config.training, config.model),
      sums_(config.model.outputs) {
  if (config.precision == ComputePrecision::kBf16 && !has_fast_bfloat16()) {
    warnings_.push("precision: bf16 is slower than fp32 on this processor, which has no AMX");
  }
  if (datasets.unlabelled.size() > 0) {
    unlabelled_source_.emplace(
        datasets.unlabelled, config.model, standardizer_,
        unlabelled_batch_options(config, options.preprocessing,
                                 [this](const std::string& text) { warnings_.push(text); }));
  }
  if (config.training.ema_decay > 0) {
    average_.emplace(network_, config.training.ema_decay);
    optimizer_.set_averages(average_->parameters());
    average_->network()->use_fused_kernels(config.kernels == Kernels::kAuto);
  }
  network_->use_fused_kernels(config.kernels == Kernels::kAuto);
  network_->use_bfloat16(config.precision == ComputePrecision::kBf16);
}

void Trainer::begin() {
  const TrainingConfig& training = config_.training;
  if (training.init_from.empty()) return;
  initialize_from(*network_, training.init_from, training.init_parts);
  if (average_) average_->reset();
}

std::int64_t Trainer::steps_per_epoch() const {
  return config_.training.steps_per_epoch > 0 ? config_.training.steps_per_epoch
                                              : train_source_.batches_per_pass();
}

RunOutcome Trainer::fit(const RunObservers& observers, const std::atomic<bool>& stop) {
  const int epochs = config_.training.epochs;
  const std::int64_t end = epochs * steps_per_epoch();
  const int workers = loader_threads(config_);
  Prefetcher loader(
      [this, workers](std::int64_t step) { return training_batch(step, workers == 0); },
      {step_, std::max(step_, end), workers, config_.data.prefetch});
  while (epoch_ < epochs) {
    if (has_waited_enough()) return RunOutcome::kEndedEarly;
    Pace pace;
    times_ = {};
    enter_training();
    while (step_ < (epoch_ + 1) * steps_per_epoch()) {
      if (stop) return RunOutcome::kStopped;
      const Batch batch = timed(times_.batches, [&] { return loader.next(); });
      tell_warnings(observers);
      timed(times_.steps, [&] { return train_on(batch); });
      pace.add(batch);
      tell_step(observers, pace.images_per_second());
    }
    const double speed = pace.images_per_second();
    const MetricValues train = sums_.values();
    const auto validation = timed(times_.validation, [&] {
      return validation_.judge(judged_network(), loss_, &judged_rows_);
    });
    tell_warnings(observers);
    sums_.reset();
    ++epoch_;
    const bool best = update_best(validation);
    schedule_.end_epoch(epoch_, best);
    const EpochDone event{epoch_, epochs,     step_, optimizer_.learning_rate(),
                          train,  validation, best,  pace.seconds(),
                          speed,  *this};
    for (RunObserver* observer : observers) observer->on_epoch(event);
  }
  return RunOutcome::kFinished;
}

Batch Trainer::training_batch(std::int64_t step, bool in_parallel) const {
  Batch batch = train_source_.get(step, in_parallel);
  if (unlabelled_source_) {
    batch.unlabelled = std::make_shared<const Batch>(unlabelled_source_->get(step, in_parallel));
  }
  return batch;
}

void Trainer::enter_training() {
  const bool learns = epoch_ >= config_.training.freeze_epochs;
  MobileNet backbone = network_->backbone();
  network_->train();
  backbone->train(learns);
  for (at::Tensor& weight : backbone->parameters()) weight.set_requires_grad(learns);
}

double Trainer::train_on(const Batch& batch) {
  network_->reseed_dropout(derive_seed(config_.seed, "dropout " + std::to_string(step_)));
  const double epochs = static_cast<double>(step_) / static_cast<double>(steps_per_epoch());
  const TaughtPass pass = teaching_.pass(network_, batch, loss_, judged_network(), epochs);
  const auto value = pass.loss.item<double>();
  if (!std::isfinite(value)) refuse_loss(value, batch);
  pass.loss.backward();
  const std::int64_t in_epoch = step_ % steps_per_epoch();
  const std::int64_t batches = in_epoch % config_.training.accumulate + 1;  // of the update, so far
  const bool complete = batches == config_.training.accumulate;
  if (complete || in_epoch + 1 == steps_per_epoch()) update_weights(batches);
  sums_.add(decode_outputs(pass.raw, config_.model), batch, value);
  ++step_;
  return value;
}

void Trainer::update_weights(std::int64_t batches) {
  optimizer_.set_learning_rate(schedule_.rate(step_));
  UpdateOptions options;
  options.gradient_scale = 1.0 / static_cast<double>(batches);
  if (average_) options.average_share = average_->advance();
  optimizer_.step(options);
  optimizer_.zero_grad();
}

bool Trainer::has_waited_enough() const {
  const int patience = config_.training.early_stopping;
  return patience > 0 && epoch_ - (best_ ? best_->epoch : 0) >= patience;
}

void Trainer::tell_step(const RunObservers& observers, double images_per_second) const {
  const StepDone event{
      epoch_ + 1,        config_.training.epochs, step_ - epoch_ * steps_per_epoch(),
      steps_per_epoch(), sums_.values().loss,     images_per_second};
  for (RunObserver* observer : observers) observer->on_step(event);
}

void Trainer::tell_warnings(const RunObservers& observers) {
  for (const std::string& text : warnings_.take()) {
    for (RunObserver* observer : observers) observer->on_warning(text);
  }
}

bool Trainer::update_best(const std::optional<MetricValues>& validation) {
  if (!validation || std::isnan(validation->mae)) return false;
  if (best_ && validation->mae >= best_->mae) return false;
  best_ = BestEpoch{epoch_, validation->mae};
  return true;
}

void Trainer::refuse_loss(double loss, const Batch& batch) const {
  std::string rows;
  for (const std::int64_t row : batch.rows) {
    rows += (rows.empty() ? "" : ", ") + datasets_.train.row(row).where();
  }
  fail("the loss is {} at step {}; the batch's rows are {}", loss, step_ + 1, rows);
}

}  // namespace mobireg
