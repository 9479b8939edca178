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

namespace mobireg {

/// What a caller adds to a trainer beside its config.
struct TrainerOptions {
  at::Tensor whitening;  // of the input, where it whitens (see Standardizer)
  ImageCallback preprocessing;
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

/// The threads that make batches while the others train: as configured, or one for each core that
/// does not compute, at most 8. 0: the compute threads make each batch between two steps.
int loader_threads(const RunConfig& config);

/// Trains one network on one set of rows. All it does is a function of the config, the rows and the
/// thread count; a trainer restored from a checkpoint goes on as if it had never stopped.
class Trainer {
 public:
  /// `config` must be resolved and its input fitted; `datasets` must outlive this.
  Trainer(const RunConfig& config, const Datasets& datasets, const TrainerOptions& options = {});

  /// Goes on to the end of `config.training.epochs`, or until `stop` is set: then the step at hand
  /// is finished first. Throws Error when the loss is not finite or an image cannot be read.
  RunOutcome fit(const RunObservers& observers, const std::atomic<bool>& stop);

  /// The state between two steps. The tensors share memory with the network.
  Checkpoint checkpoint() const;

  /// Throws Error naming `origin` when the checkpoint is of another network.
  void restore(const Checkpoint& checkpoint, const std::string& origin);

  /// One step: forward, loss, backward, update. Throws Error when the loss is not finite. `fit`
  /// takes its batches from `training_batches`, step by step.
  void train_on(const Batch& batch);
  const BatchSource& training_batches() const { return train_source_; }

  Regressor network() const { return network_; }
  std::int64_t step() const { return step_; }
  int epoch() const { return epoch_; }

 private:
  std::int64_t steps_per_epoch() const;
  double scheduled_rate() const;
  std::optional<MetricValues> validate();
  void tell_warnings(const RunObservers& observers);
  bool update_best(const std::optional<MetricValues>& validation);
  [[noreturn]] void refuse_loss(double loss, const Batch& batch) const;

  RunConfig config_;
  const Datasets& datasets_;
  std::shared_ptr<const Standardizer> standardizer_;
  WarningQueue warnings_;
  BatchSource train_source_;
  BatchSource validation_source_;
  Regressor network_;
  Optimizer optimizer_;
  RegressionLoss loss_;
  MetricSums sums_;  // of the epoch at hand
  int epoch_ = 0;
  std::int64_t step_ = 0;
  std::optional<BestEpoch> best_;
};

}  // namespace mobireg
