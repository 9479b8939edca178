#pragma once

#include <filesystem>
#include <vector>

#include "mobireg/training/observer.h"

namespace mobireg {

/// Writes metrics.csv, a row an epoch. The rows hold nothing that differs from one run of the same
/// config to the next (no times), so an interrupted run's file equals an uninterrupted one's.
class MetricsCsv : public RunObserver {
 public:
  /// Keeps the rows of a file already there up to `completed_epochs`, those the checkpoint knows.
  MetricsCsv(std::filesystem::path path, const RunConfig& config, bool has_validation,
             int completed_epochs);

  void on_epoch(const EpochDone& event) override;

 private:
  std::filesystem::path path_;
};

}  // namespace mobireg
