#include "report/run_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "mobireg/core/file.h"
#include "mobireg/model/summary.h"
#include "mobireg/training/trainer.h"

namespace mobireg {
namespace {

/// The page is left as it is while writing it would take more than this of the time since it was
/// last written, so that runs with very short epochs do not spend theirs on it.
constexpr double kMostOfTime = 0.02;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// metrics.csv's values as TensorBoard groups them: "mae/train" beside "mae/validation".
std::vector<Scalar> scalars_of(const EpochDone& event, const std::vector<OutputConfig>& outputs) {
  std::vector<Scalar> scalars{{"epoch", static_cast<double>(event.epoch)},
                              {"learning_rate", event.learning_rate},
                              {"images_per_second", event.images_per_second}};
  const std::vector<std::string> names = metric_names(outputs, "");
  const auto add = [&](const char* split, const MetricValues& values) {
    const std::vector<double> cells = metric_cells(values);
    for (std::size_t i = 0; i < names.size(); ++i) scalars.push_back({names[i] + split, cells[i]});
  };
  add("/train", event.train);
  if (event.validation) add("/validation", *event.validation);
  return scalars;
}

const char* ending_text(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::kFinished:
      return "Finished";
    case RunOutcome::kEndedEarly:
      return "Ended early, as training.early_stopping says,";
    case RunOutcome::kStopped:
      break;
  }
  return "Stopped; mobireg-resume goes on with it. It ended";
}

}  // namespace

RunReport::RunReport(const std::filesystem::path& run_dir, const RunConfig& config,
                     const Datasets& datasets, int completed_epochs)
    : state_{config, datasets, run_dir}, times_(run_dir / "times.csv", completed_epochs) {
  state_.history = RunHistory::read(run_dir / "metrics.csv");
  state_.parameters = summarize(config.model).parameters;
}

void RunReport::on_start(const RunStarted& event) {
  state_.threads = event.threads;
  first_step_ = event.step + 1;
  state_.augmented = augmented_section(state_.datasets.train, state_.config);
  write_page();
  epoch_begin_ = Clock::now();
}

void RunReport::on_epoch(const EpochDone& event) {
  const EpochTimes& times = event.trainer.times();
  const double known = times.batches + times.steps + times.validation + report_seconds_;
  const double other = std::max(0.0, seconds_since(epoch_begin_) - known);
  const auto begin = epoch_begin_ = Clock::now();
  times_.add({event.epoch, event.images_per_second, times.batches, times.steps, times.validation,
              report_seconds_, other});
  state_.history.add(event, state_.config.model.outputs);
  choose_judged(event);
  write_events(event);
  if (page_seconds_ <= kMostOfTime * seconds_since(page_written_)) write_page();
  report_seconds_ = seconds_since(begin);
}

void RunReport::on_end(const RunEnded& event) {
  state_.ending = ending_text(event.outcome);
  write_page();
}

void RunReport::on_error(const std::string& what) {
  state_.ending =
      fmt::format("Ended by an error ({}); mobireg-resume goes on with it. It ended", what);
  try {
    write_page();
  } catch (const std::exception&) {  // the error that ended the run is the one to tell
  }
}

/// The best epoch's errors are shown, or the newest's where this process has not seen the best.
void RunReport::choose_judged(const EpochDone& event) {
  if (!event.validation || (state_.judged.is_best && !event.best)) return;
  state_.judged = {event.epoch, event.best, event.trainer.judged_rows()};
}

void RunReport::write_events(const EpochDone& event) {
  if (!events_) events_.emplace(state_.run_dir / "tensorboard", first_step_);
  events_->add(event.step, scalars_of(event, state_.config.model.outputs));
}

void RunReport::write_page() {
  const auto begin = Clock::now();
  state_.times = times_.rows();
  write_file_atomically(state_.run_dir / "report.html", report_page(state_));
  page_seconds_ = seconds_since(begin);
  page_written_ = Clock::now();
}

}  // namespace mobireg
