#pragma once

#include <atomic>
#include <filesystem>
#include <optional>

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/training/observer.h"

namespace mobireg {

/// What becomes of a schedule that ends with the run (cosine, one_cycle) when the run is made
/// longer. `kStretch`: from now on it is as if planned for all epochs; `kHold`: it stays as
/// planned, and the epochs after it keep the rate with which its last epoch began.
enum class ScheduleExtension { kStretch, kHold };

/// What a caller adds to a run beside its config.
struct RunOptions {
  RunObservers observers;                   // told after the run folder's own writers
  const std::atomic<bool>* stop = nullptr;  // set it to end the run after the step at hand
  ImageCallback preprocessing;
  std::optional<ScheduleExtension> extend{};  // of a resumed run with more epochs
};

/// A run from its config to its end: data, network, run folder, training. Sets LibTorch's thread
/// count. Throws Error when anything is wrong with the input; nothing is then written over.
RunOutcome start_run(const RunConfig& config, const RunOptions& options = {});

/// Goes on with the run in a folder from its newest good checkpoint; the result is the same, bit
/// for bit, as if it had never stopped. `epochs`: a new total, more than the run was planned for,
/// for which some schedules need `options.extend`; both are kept in the folder's config.
/// Throws Error when the folder is not a run's or in use, when no checkpoint fits, or when the
/// data's rows have changed.
RunOutcome resume_run(const std::filesystem::path& run_dir, std::optional<int> epochs = {},
                      const RunOptions& options = {});

/// `resume_run` where `config.run_dir` holds this run already, else `start_run`. Throws Error when
/// the folder holds a run of another config; only `training.epochs` may have grown, as by
/// `resume_run`.
RunOutcome start_or_resume_run(const RunConfig& config, const RunOptions& options = {});

}  // namespace mobireg
