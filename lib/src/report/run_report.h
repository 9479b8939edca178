#pragma once

#include <chrono>
#include <optional>

#include "mobireg/training/observer.h"
#include "report/event_file.h"
#include "report/report_page.h"
#include "report/times_csv.h"

namespace mobireg {

/// Keeps what people read of a run up to date in its folder: report.html, times.csv and, for
/// TensorBoard, tensorboard/. To be told after the writers of metrics and checkpoints.
class RunReport : public RunObserver {
 public:
  /// `config` and `datasets` must outlive this. metrics.csv must be in the folder, with the
  /// `completed_epochs`.
  RunReport(const std::filesystem::path& run_dir, const RunConfig& config, const Datasets& datasets,
            int completed_epochs);

  void on_start(const RunStarted& event) override;
  void on_epoch(const EpochDone& event) override;
  void on_end(const RunEnded& event) override;
  void on_error(const std::string& what) override;

 private:
  using Clock = std::chrono::steady_clock;

  void write_events(const EpochDone& event);
  void choose_judged(const EpochDone& event);
  void write_page();

  ReportState state_;
  TimesCsv times_;
  std::int64_t first_step_ = 0;
  std::optional<EventFile> events_;  // begun with the first epoch
  Clock::time_point epoch_begin_;
  Clock::time_point page_written_;
  double page_seconds_ = 0;    // what writing it took
  double report_seconds_ = 0;  // of the epoch before
};

}  // namespace mobireg
