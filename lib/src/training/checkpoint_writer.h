#pragma once

#include <filesystem>

#include "mobireg/training/observer.h"

namespace mobireg {

/// Writes epoch-NNNN, best and last checkpoints and removes old ones.
class CheckpointWriter : public RunObserver {
 public:
  /// `listeners` are told of each checkpoint; the list must outlive this.
  CheckpointWriter(std::filesystem::path folder, const CheckpointConfig& config,
                   const RunObservers& listeners);

  void on_epoch(const EpochDone& event) override;

  /// Saves a run that ended before its last epoch.
  void on_end(const RunEnded& event) override;

 private:
  void remove_old() const;
  void tell(const std::filesystem::path& path, int epoch, bool best) const;

  std::filesystem::path folder_;
  CheckpointConfig config_;
  const RunObservers& listeners_;
};

}  // namespace mobireg
