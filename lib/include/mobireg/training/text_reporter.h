#pragma once

#include <chrono>
#include <ostream>

#include "mobireg/training/observer.h"

namespace mobireg {

/// How a text reporter writes: `kTerminal` keeps one line moving with loss, images/s and time left;
/// `kLog` writes plain lines only, each with its time.
enum class ReportStyle { kTerminal, kLines, kLog };

/// Tells a run's events as text: for a terminal, for a pipe, or for a log file.
class TextReporter : public RunObserver {
 public:
  /// `out` must outlive this.
  TextReporter(std::ostream& out, ReportStyle style);

  void on_start(const RunStarted& event) override;
  void on_warning(const std::string& text) override;
  void on_error(const std::string& what) override;
  void on_step(const StepDone& event) override;
  void on_epoch(const EpochDone& event) override;
  void on_checkpoint(const CheckpointWritten& event) override;
  void on_end(const RunEnded& event) override;

 private:
  void line(const std::string& text);
  void clear_live_line();

  std::ostream& out_;
  ReportStyle style_;
  RunConfig config_;
  std::filesystem::path run_dir_;
  bool live_line_shown_ = false;
  std::chrono::steady_clock::time_point last_shown_;
};

}  // namespace mobireg
