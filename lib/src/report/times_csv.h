#pragma once

#include <filesystem>
#include <vector>

namespace mobireg {

/// Where the time of one epoch went, in seconds, as far as one process trained it.
struct EpochTimesRow {
  int epoch = 0;  // from 1
  double images_per_second = 0;
  double batches = 0;  // waiting for them, or making them
  double steps = 0;    // forward, backward, update
  double validation = 0;
  double report = 0;  // report.html and the event files; of the epoch before
  double other = 0;   // checkpoints, logs, metrics
};

/// The rows of a run's times.csv up to `epochs`; none where there is no such file. Throws Error
/// when it cannot be read.
std::vector<EpochTimesRow> read_times(const std::filesystem::path& path, int epochs);

/// times.csv: what of a run is different each time, and so is not in metrics.csv.
class TimesCsv {
 public:
  /// Keeps the rows of a file that is there already up to `completed_epochs`.
  TimesCsv(std::filesystem::path path, int completed_epochs);

  void add(const EpochTimesRow& row);
  const std::vector<EpochTimesRow>& rows() const { return rows_; }

 private:
  std::filesystem::path path_;
  std::vector<EpochTimesRow> rows_;
};

}  // namespace mobireg
