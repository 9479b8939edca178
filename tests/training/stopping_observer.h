#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/sha256.h"
#include "mobireg/core/file.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"

namespace mobireg {

/// Stops a run after so many steps, and keeps what it was told.
class StoppingObserver : public RunObserver {
 public:
  explicit StoppingObserver(int stop_after = -1) : stop_after_(stop_after) {}
  void on_start(const RunStarted& event) override { first_step = event.step; }
  void on_warning(const std::string& text) override { warnings.push_back(text); }
  void on_step(const StepDone&) override {
    if (++steps == stop_after_) stop = true;
  }
  void on_epoch(const EpochDone& event) override { epochs.push_back(event.epoch); }
  void on_checkpoint(const CheckpointWritten& event) override {
    checkpoints.push_back(event.path.stem().string());
  }
  void on_end(const RunEnded& event) override { outcome = event.outcome; }
  RunOptions options() { return {{this}, &stop, {}}; }

  std::atomic<bool> stop{false};
  int steps = 0;
  std::int64_t first_step = -1;
  std::vector<int> epochs;
  std::vector<std::string> checkpoints;
  std::vector<std::string> warnings;
  std::optional<RunOutcome> outcome;

 private:
  int stop_after_;
};

/// SHA-256 of a file: tells two checkpoints apart without printing them.
inline std::string digest_of(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  Sha256 sha;
  sha.update(bytes.data(), bytes.size());
  return to_hex(sha.digest());
}

/// Everything a finished run leaves that must not depend on interruptions.
inline std::vector<std::string> results(const SyntheticRun& run) {
  return {read_file(run.config.run_dir / "metrics.csv"), digest_of(run.checkpoint("last")),
          digest_of(run.checkpoint("best")), digest_of(run.checkpoint("epoch-0001"))};
}

inline void move_away(const SyntheticRun& run) {
  std::filesystem::remove_all(run.folder.path() / "before");
  std::filesystem::rename(run.config.run_dir, run.folder.path() / "before");
}

}  // namespace mobireg
