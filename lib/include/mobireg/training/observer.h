#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/training/metrics.h"

namespace mobireg {

class Trainer;

struct RunStarted {
  const RunConfig& config;
  std::filesystem::path run_dir;
  std::string summary;  // the model's table
  std::int64_t train_rows = 0;
  std::int64_t validation_rows = 0;
  std::int64_t test_rows = 0;
  int threads = 0;
  std::int64_t step = 0;           // where it goes on; 0 for a new run
  std::string extension;           // how a resumed run was made longer; empty where it was not
  std::vector<std::string> notes;  // what came of the run's teachers; a line each
};

struct StepDone {
  int epoch = 0;  // from 1
  int epochs = 0;
  std::int64_t step_in_epoch = 0;  // from 1
  std::int64_t steps_in_epoch = 0;
  double loss = 0;               // mean over the epoch so far
  double images_per_second = 0;  // over the epoch so far, in this process
};

struct EpochDone {
  int epoch = 0;  // from 1
  int epochs = 0;
  std::int64_t step = 0;  // of the whole run
  double learning_rate = 0;
  MetricValues train;  // with dropout and augmentation, while the weights were changing
  std::optional<MetricValues> validation;
  bool best = false;  // lowest validation MAE so far
  double seconds = 0;
  double images_per_second = 0;
  const Trainer& trainer;  // for snapshots
};

struct CheckpointWritten {
  std::filesystem::path path;
  int epoch = 0;
  bool best = false;
};

/// `kEndedEarly`: by `training.early_stopping`.
enum class RunOutcome { kFinished, kEndedEarly, kStopped };

struct RunEnded {
  RunOutcome outcome = RunOutcome::kFinished;
  int epoch = 0;  // completed epochs
  std::int64_t step = 0;
  const Trainer& trainer;
};

/// What a run tells while it goes on, in order of happening, on the thread that trains. An
/// exception ends the run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_start(const RunStarted&) {}
  virtual void on_warning(const std::string&) {}
  virtual void on_step(const StepDone&) {}
  virtual void on_epoch(const EpochDone&) {}
  virtual void on_checkpoint(const CheckpointWritten&) {}
  virtual void on_end(const RunEnded&) {}
  /// Instead of on_end, before the exception goes to the caller; must not throw.
  virtual void on_error(const std::string& /*what*/) {}
};

using RunObservers = std::vector<RunObserver*>;

}  // namespace mobireg
