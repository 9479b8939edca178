// What a run leaves for people: report.html, times.csv, tensorboard/, train.log.

#include "report/run_report.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <sstream>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/training/text_reporter.h"
#include "mobireg/training/trainer.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

using Catch::Contains;

std::string report_of(const SyntheticRun& run) {
  return read_file(run.config.run_dir / "report.html");
}

std::size_t event_files(const SyntheticRun& run) {
  const std::filesystem::directory_iterator files(run.config.run_dir / "tensorboard");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// Checks what it is told of the validation rows, as the run goes on.
class JudgedObserver : public RunObserver {
 public:
  void on_epoch(const EpochDone& event) override {
    const JudgedRows& judged = event.trainer.judged_rows();
    const at::Tensor errors = (judged.outputs - judged.targets).to(torch::kDouble).abs().mean(0);
    for (std::int64_t k = 0; k < errors.size(0); ++k) {
      const double mae = errors[k].item<double>() * 180 / 3.14159265358979;
      CHECK(mae == Approx(event.validation->output_mae[static_cast<std::size_t>(k)]));
    }
    rows = judged.rows;
    times = event.trainer.times();
    seconds = event.seconds;
  }

  std::vector<std::int64_t> rows;
  EpochTimes times;
  double seconds = 0;
};

TEST_CASE("the judged rows are all validation rows, with the errors that the metrics have") {
  SyntheticRun run;
  JudgedObserver observer;
  start_run(run.config, {{&observer}, nullptr, {}});
  REQUIRE(observer.rows.size() == 8);
  for (std::size_t i = 0; i < observer.rows.size(); ++i) {
    CHECK(observer.rows[i] == static_cast<std::int64_t>(i));
  }
  CHECK(observer.times.steps > 0);
  CHECK(observer.times.validation > 0);
  CHECK(observer.times.batches + observer.times.steps + observer.times.validation <=
        observer.seconds);
}

TEST_CASE("a finished run has a report, times of each epoch and an event file") {
  SyntheticRun run;
  start_run(run.config);
  const std::string html = report_of(run);
  CHECK_THAT(html, Contains("Finished at ") && Contains("2 of 2"));
  for (const char* id :
       {"curves", "errors", "worst", "samples", "times", "config", "environment", "again"}) {
    CHECK_THAT(html, Contains("<h2 id=\"" + std::string(id) + "\">"));
  }
  const DataFrame times = DataFrame::read_csv(run.config.run_dir / "times.csv");
  CHECK(times.numbers("epoch") == std::vector<double>{1, 2});
  CHECK(times.numbers("images_per_second")[1] > 0);
  CHECK(event_files(run) == 1);
}

TEST_CASE("a resumed run's report and times have the epochs before, and it begins an event file") {
  SyntheticRun run(3);
  StoppingObserver stopping(6);  // in the middle of the second epoch
  start_run(run.config, stopping.options());
  CHECK_THAT(report_of(run),
             Contains("Stopped; mobireg-resume goes on with it.") && Contains("1 of 3"));
  resume_run(run.config.run_dir);
  CHECK_THAT(report_of(run), Contains("Finished at ") && Contains("3 of 3"));
  const DataFrame times = DataFrame::read_csv(run.config.run_dir / "times.csv");
  CHECK(times.numbers("epoch") == std::vector<double>{1, 2, 3});
  CHECK(event_files(run) == 2);
}

TEST_CASE("a run that an error ended says so in its report and its log") {
  SyntheticRun run;
  run.config.training.optimizer.name = OptimizerKind::kSgd;
  run.config.training.optimizer.learning_rate = 1e30;
  CHECK_THROWS_AS(start_run(run.config), Error);
  CHECK_THAT(report_of(run), Contains("Ended by an error (the loss is ") &&
                                 Contains("mobireg-resume goes on with it."));
  CHECK_THAT(read_file(run.config.run_dir / "train.log"),
             Contains("ended by an error: the loss is "));
}

TEST_CASE("a run without validation rows has a report too") {
  SyntheticRun run;
  run.config.data.validation.rule = SplitRule::kNone;
  start_run(run.config);
  CHECK_THAT(report_of(run),
             Contains("The run has no validation rows") && Contains("newest training MAE"));
}

TEST_CASE("observers of a run do not change it") {
  SyntheticRun run;
  start_run(run.config);
  const auto first = results(run);
  move_away(run);
  std::filesystem::remove_all(run.config.run_dir);
  start_run(run.config);
  CHECK(results(run) == first);
}

TEST_CASE("the log of a run has a time on each line, and nothing but text") {
  SyntheticRun run;
  StoppingObserver stopping(6);
  start_run(run.config, stopping.options());
  resume_run(run.config.run_dir);
  std::istringstream log(read_file(run.config.run_dir / "train.log"));
  const std::regex line_pattern(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  [\x20-\x7e]*)");
  int lines = 0;
  for (std::string line; std::getline(log, line); ++lines) {
    CAPTURE(line);
    CHECK(std::regex_match(line, line_pattern));
  }
  CHECK(lines > 10);
}

TEST_CASE("what a warning holds cannot spoil a log") {
  for (const ReportStyle style : {ReportStyle::kLog, ReportStyle::kLines}) {
    std::ostringstream out;
    TextReporter(out, style).on_warning("face\r\x1b[2J\b.png");
    CHECK_THAT(out.str(), !Contains("\r") && !Contains("\x1b") && !Contains("\b"));
    CHECK_THAT(out.str(), Contains("face") && Contains(".png"));
  }
}

}  // namespace
}  // namespace mobireg
