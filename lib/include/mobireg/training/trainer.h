#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/dataset.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/model/regressor.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/losses.h"
#include "mobireg/training/metrics.h"
#include "mobireg/training/observer.h"
#include "mobireg/training/optimizer.h"
#include "mobireg/training/schedule.h"
#include "mobireg/training/teaching.h"
#include "mobireg/training/validation.h"
#include "mobireg/training/weight_average.h"

namespace mobireg {

/// What a caller adds to a trainer beside its config.
struct TrainerOptions {
  at::Tensor whitening;  // of the input, where it whitens (see Standardizer)
  ImageCallback preprocessing;
  TeacherAnswers answers;  // of the config's teachers, about the training rows
};

/// Warnings of the loader's threads, until the training thread tells them.
class WarningQueue {
 public:
  void push(std::string text);
  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

/// Where the seconds of the newest epoch went, as far as this process trained it.
struct EpochTimes {
  double batches = 0;  // waiting for them, or making them
  double steps = 0;    // forward, backward, update
  double validation = 0;
};

/// Trains one network on one set of rows. All it does is a function of the config, the rows and the
/// thread count; a trainer restored from a checkpoint goes on as if it had never stopped.
class Trainer {
 public:
  /// `config` must be resolved and its input fitted; `datasets` must outlive this. Throws Error
  /// when the config asks for what this processor or these rows cannot give.
  Trainer(const RunConfig& config, const Datasets& datasets, const TrainerOptions& options = {});

  /// Takes the weights of `training.init_from`, where the config has it. Throws Error.
  void begin();

  /// Goes on to the end of `config.training.epochs`, or until `stop` is set: then the step at hand
  /// is finished first. Throws Error when the loss is not finite or an image cannot be read.
  RunOutcome fit(const RunObservers& observers, const std::atomic<bool>& stop);

  /// The state between two steps. The tensors share memory with the network.
  Checkpoint checkpoint() const;

  /// Throws Error naming `origin` when the checkpoint is of another network.
  void restore(const Checkpoint& checkpoint, const std::string& origin);

  /// Puts the network into training mode, but for a backbone that is still frozen. `fit` does so at
  /// each epoch's beginning.
  void enter_training();

  /// One step: forward, loss, backward and, after the last of `training.accumulate` batches or of
  /// an epoch, update. Returns the batch's loss; throws Error when it is not finite. `fit` takes
  /// its batches from `training_batch`, step by step.
  double train_on(const Batch& batch);

  /// Thread-safe; see `BatchSource::get`.
  Batch training_batch(std::int64_t step, bool in_parallel) const;
  std::int64_t steps_per_epoch() const;

  /// The network in training.
  Regressor network() const { return network_; }

  /// What is validated, kept and exported: the average of its weights where there is one.
  Regressor judged_network() const { return average_ ? average_->network() : network_; }

  std::int64_t step() const { return step_; }
  int epoch() const { return epoch_; }
  const std::optional<BestEpoch>& best() const { return best_; }

  /// Of the newest validation; empty before the first.
  const JudgedRows& judged_rows() const { return judged_rows_; }
  const EpochTimes& times() const { return times_; }

 private:
  void update_weights(std::int64_t batches);
  bool has_waited_enough() const;
  void tell_step(const RunObservers& observers, double images_per_second) const;
  void tell_warnings(const RunObservers& observers);
  bool update_best(const std::optional<MetricValues>& validation);
  [[noreturn]] void refuse_loss(double loss, const Batch& batch) const;

  RunConfig config_;
  const Datasets& datasets_;
  std::shared_ptr<const Standardizer> standardizer_;
  WarningQueue warnings_;
  BatchSource train_source_;
  std::optional<BatchSource> unlabelled_source_;
  Validation validation_;
  Regressor network_;
  Teaching teaching_;
  Optimizer optimizer_;
  LearningRateSchedule schedule_;
  std::optional<WeightAverage> average_;
  RegressionLoss loss_;
  MetricSums sums_;  // of the epoch at hand
  int epoch_ = 0;
  std::int64_t step_ = 0;
  std::optional<BestEpoch> best_;
  JudgedRows judged_rows_;
  EpochTimes times_;
};

}  // namespace mobireg
