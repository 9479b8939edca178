#include "mobireg/training/trainer.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/fail.h"
#include "mobireg/core/random.h"
#include "mobireg/core/threads.h"
#include "mobireg/data/prefetcher.h"
#include "mobireg/model/weights.h"

namespace mobireg {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

BatchOptions validation_options(const RunConfig& config, const TrainerOptions& options,
                                WarningQueue& warnings) {
  BatchOptions batches;
  batches.batch_size = config.training.batch_size;
  batches.seed = config.seed;
  batches.skip_bad_images = config.data.skip_bad_rows;
  batches.preprocessing = options.preprocessing;
  batches.warn = [&warnings](const std::string& text) { warnings.push(text); };
  return batches;
}

BatchOptions training_options(const RunConfig& config, const TrainerOptions& options,
                              WarningQueue& warnings) {
  BatchOptions batches = validation_options(config, options, warnings);
  batches.shuffle = config.data.shuffle;
  batches.balance = config.data.balance;
  batches.augment = true;
  batches.augmentation = config.augmentation;
  batches.save_to_dir = config.data.save_to_dir;
  batches.save_prefix = config.data.save_prefix;
  return batches;
}

const RunConfig& runnable(const RunConfig& config) {
  if (config.precision == ComputePrecision::kBf16 && !has_bfloat16_kernels()) {
    fail("precision: bf16 needs a processor with AVX512-BF16, and this one has none; use fp32");
  }
  return config;
}

std::vector<NamedTensor> named_parameters(const Regressor& network) {
  std::vector<NamedTensor> parameters;
  for (const auto& item : network->named_parameters()) {
    parameters.push_back({item.key(), item.value()});
  }
  return parameters;
}

}  // namespace

int loader_threads(const RunConfig& config) {
  if (config.data.workers > 0) return config.data.workers;
  return std::clamp(available_cores() - at::get_num_threads(), 0, 8);
}

void WarningQueue::push(std::string text) {
  const std::lock_guard lock(mutex_);
  texts_.push_back(std::move(text));
}

std::vector<std::string> WarningQueue::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(texts_, {});
}

Trainer::Trainer(const RunConfig& config, const Datasets& datasets, const TrainerOptions& options)
    : config_(runnable(config)),
      datasets_(datasets),
      standardizer_(std::make_shared<const Standardizer>(config.model.input, options.whitening)),
      train_source_(datasets.train, config.model, standardizer_,
                    training_options(config, options, warnings_)),
      validation_source_(datasets.validation, config.model, standardizer_,
                         validation_options(config, options, warnings_)),
      network_(config.model, derive_seed(config.seed, "weights")),
      optimizer_(named_parameters(network_), config.training.optimizer),
      loss_(config.training, config.model),
      sums_(config.model.outputs) {
  network_->use_fused_kernels(config.kernels == Kernels::kAuto);
  network_->use_bfloat16(config.precision == ComputePrecision::kBf16);
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
      [this, workers](std::int64_t step) { return train_source_.get(step, workers == 0); },
      {step_, std::max(step_, end), workers, config_.data.prefetch});
  while (epoch_ < epochs) {
    const auto start = Clock::now();
    double images = 0;
    network_->train();
    while (step_ < (epoch_ + 1) * steps_per_epoch()) {
      if (stop) return RunOutcome::kStopped;
      const Batch batch = loader.next();
      tell_warnings(observers);
      train_on(batch);
      images += static_cast<double>(batch.rows.size());
      const StepDone event{epoch_ + 1,
                           epochs,
                           step_ - epoch_ * steps_per_epoch(),
                           steps_per_epoch(),
                           sums_.values().loss,
                           images / seconds_since(start)};
      for (RunObserver* observer : observers) observer->on_step(event);
    }
    const double speed = images / seconds_since(start);
    const MetricValues train = sums_.values();
    const auto validation = validate();
    tell_warnings(observers);
    sums_.reset();
    ++epoch_;
    const bool best = update_best(validation);
    const EpochDone event{epoch_, epochs,     step_, optimizer_.learning_rate(),
                          train,  validation, best,  seconds_since(start),
                          speed,  *this};
    for (RunObserver* observer : observers) observer->on_epoch(event);
  }
  return RunOutcome::kFinished;
}

double Trainer::scheduled_rate() const {
  constexpr double kPi = 3.141592653589793;
  const OptimizerConfig& optimizer = config_.training.optimizer;
  if (optimizer.schedule == ScheduleKind::kConstant) return *optimizer.learning_rate;
  const auto steps = static_cast<double>(config_.training.epochs * steps_per_epoch());
  return *optimizer.learning_rate * 0.5 * (1 + std::cos(kPi * static_cast<double>(step_) / steps));
}

void Trainer::train_on(const Batch& batch) {
  network_->reseed_dropout(derive_seed(config_.seed, "dropout " + std::to_string(step_)));
  optimizer_.zero_grad();
  const torch::Tensor outputs = network_(batch.images);
  const torch::Tensor loss = loss_(outputs, batch);
  const auto value = loss.item<double>();
  if (!std::isfinite(value)) refuse_loss(value, batch);
  loss.backward();
  optimizer_.set_learning_rate(scheduled_rate());
  optimizer_.step();
  sums_.add(outputs, batch, value);
  ++step_;
}

std::optional<MetricValues> Trainer::validate() {
  if (datasets_.validation.size() == 0) return std::nullopt;
  const torch::NoGradGuard no_grad;
  network_->eval();
  const std::int64_t all = validation_source_.batches_per_pass();
  const std::int64_t limit = config_.training.validation_steps;
  const std::int64_t steps = limit > 0 ? std::min(limit, all) : all;
  const int workers = loader_threads(config_);
  Prefetcher loader(
      [this, workers](std::int64_t step) { return validation_source_.get(step, workers == 0); },
      {0, steps, workers, config_.data.prefetch});
  MetricSums sums(config_.model.outputs);
  for (std::int64_t i = 0; i < steps; ++i) {
    const Batch batch = loader.next();
    const torch::Tensor outputs = network_(batch.images);
    sums.add(outputs, batch, loss_(outputs, batch).item<double>());
  }
  return sums.values();
}

void Trainer::tell_warnings(const RunObservers& observers) {
  for (const std::string& text : warnings_.take()) {
    for (RunObserver* observer : observers) observer->on_warning(text);
  }
}

bool Trainer::update_best(const std::optional<MetricValues>& validation) {
  if (!validation || (best_ && validation->mae >= best_->mae)) return false;
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

Checkpoint Trainer::checkpoint() const {
  Checkpoint checkpoint{config_,
                        epoch_,
                        step_,
                        at::get_num_threads(),
                        datasets_.train.fingerprint() + datasets_.validation.fingerprint(),
                        best_,
                        {}};
  checkpoint.tensors.push_back({"metrics.sums", sums_.state()});  // 8-byte values first: alignment
  if (standardizer_->whitening().defined()) {
    checkpoint.tensors.push_back({kWhiteningName, standardizer_->whitening()});
  }
  for (auto& tensors : {optimizer_.state(), named_weights(*network_)}) {
    checkpoint.tensors.insert(checkpoint.tensors.end(), tensors.begin(), tensors.end());
  }
  return checkpoint;
}

void Trainer::restore(const Checkpoint& checkpoint, const std::string& origin) {
  const TensorFile file = checkpoint.weights();
  load_weights(*network_, file, origin, kNotWeights);
  optimizer_.load_state(file, origin);
  const at::Tensor sums = file.find("metrics.sums");
  if (!sums.defined() || sums.sizes() != sums_.state().sizes()) {
    fail("{}: the tensor metrics.sums is missing or of another shape", origin);
  }
  sums_.set_state(sums);
  epoch_ = checkpoint.epoch;
  step_ = checkpoint.step;
  best_ = checkpoint.best;
}

}  // namespace mobireg
