#include "mobireg/training/text_reporter.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <sstream>

#include "mobireg/config/units.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// The outputs' errors, while they fit into a line.
std::string errors_text(const RunConfig& config, const MetricValues& values) {
  constexpr std::size_t kShown = 6;
  const auto& outputs = config.model.outputs;
  const std::string unit = report_unit(outputs[0].unit);
  std::string text = fmt::format("mae {:.3f}{}", values.mae, unit.empty() ? "" : " " + unit);
  if (outputs.size() > kShown || outputs.size() == 1) return text;
  std::string each;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    each += fmt::format("{}{} {:.3f}", k == 0 ? "" : ", ", outputs[k].name, values.output_mae[k]);
  }
  return text + " (" + each + ")";
}

std::string bar(double share) {
  constexpr int kWidth = 24;
  const int filled = static_cast<int>(share * kWidth);
  return std::string(static_cast<std::size_t>(filled), '=') +
         std::string(static_cast<std::size_t>(kWidth - filled), '.');
}

}  // namespace

TextReporter::TextReporter(std::ostream& out, ReportStyle style) : out_(out), style_(style) {}

void TextReporter::line(const std::string& text) {
  clear_live_line();
  std::istringstream lines(text);
  for (std::string one; std::getline(lines, one);) {
    if (style_ == ReportStyle::kLog) {
      const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
      out_ << fmt::format("{:%Y-%m-%d %H:%M:%S}  ", fmt::localtime(now));
    }
    out_ << escape_controls(one) << '\n';
  }
  out_.flush();
}

void TextReporter::clear_live_line() {
  if (live_line_shown_) out_ << "\r\x1b[K";
  live_line_shown_ = false;
}

void TextReporter::on_start(const RunStarted& event) {
  config_ = event.config;
  run_dir_ = event.run_dir;
  line(event.summary);
  line(fmt::format("{} training rows, {} validation rows, {} test rows; {} compute threads",
                   event.train_rows, event.validation_rows, event.test_rows, event.threads));
  line(fmt::format("run folder: {}", event.run_dir.string()));
  for (const std::string& note : event.notes) line(note);
  if (!event.extension.empty()) line(event.extension);
  if (event.step > 0) line(fmt::format("resumed after step {}", event.step));
}

void TextReporter::on_warning(const std::string& text) { line("warning: " + text); }

/// A terminal has it from the app.
void TextReporter::on_error(const std::string& what) {
  if (style_ == ReportStyle::kLog) line("ended by an error: " + what);
}

void TextReporter::on_step(const StepDone& event) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  const bool last = event.step_in_epoch == event.steps_in_epoch;
  if (style_ != ReportStyle::kTerminal || (now - last_shown_ < milliseconds(200) && !last)) return;
  last_shown_ = now;
  const double share =
      static_cast<double>(event.step_in_epoch) / static_cast<double>(event.steps_in_epoch);
  const double left = static_cast<double>(event.steps_in_epoch - event.step_in_epoch) *
                      config_.training.batch_size / event.images_per_second;
  out_ << fmt::format("\r\x1b[Kepoch {}/{} [{}] {}/{}  loss {:.5f}  {:.0f} images/s  ETA {}",
                      event.epoch, event.epochs, bar(share), event.step_in_epoch,
                      event.steps_in_epoch, event.loss, event.images_per_second, duration(left));
  out_.flush();
  live_line_shown_ = true;
}

void TextReporter::on_epoch(const EpochDone& event) {
  std::string text = fmt::format("epoch {}/{}  {}  {:.0f} images/s  ", event.epoch, event.epochs,
                                 duration(event.seconds), event.images_per_second);
  const OptimizerConfig& optimizer = config_.training.optimizer;
  if (optimizer.schedule != ScheduleKind::kConstant || optimizer.warmup_epochs > 0) {
    text += fmt::format("rate {:.3g}  ", event.learning_rate);
  }
  text += fmt::format("loss {:.5f}  {}", event.train.loss, errors_text(config_, event.train));
  if (event.validation) {
    text += fmt::format("  val loss {:.5f}  val {}{}", event.validation->loss,
                        errors_text(config_, *event.validation), event.best ? "  best" : "");
  }
  line(text);
}

void TextReporter::on_checkpoint(const CheckpointWritten& event) {
  if (style_ == ReportStyle::kLog) line("wrote " + event.path.filename().string());
}

void TextReporter::on_end(const RunEnded& event) {
  switch (event.outcome) {
    case RunOutcome::kFinished:
      line(fmt::format("finished after epoch {}", event.epoch));
      break;
    case RunOutcome::kEndedEarly:
      line(fmt::format("ended early after epoch {} of {}: no better validation mae in {} epochs",
                       event.epoch, config_.training.epochs, config_.training.early_stopping));
      break;
    case RunOutcome::kStopped:
      line(fmt::format("stopped after step {}; go on with: mobireg-resume {}", event.step,
                       run_dir_.string()));
      break;
  }
}

}  // namespace mobireg
