#include "mobireg/training/run.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run_folder.h"
#include "mobireg/training/text_reporter.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

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

/// The bytes of everything a finished run leaves that must not depend on interruptions.
std::vector<std::string> results(const SyntheticRun& run) {
  return {read_file(run.config.run_dir / "metrics.csv"), read_file(run.checkpoint("last")),
          read_file(run.checkpoint("best")), read_file(run.checkpoint("epoch-0001"))};
}

void move_away(const SyntheticRun& run) {
  std::filesystem::remove_all(run.folder.path() / "before");
  std::filesystem::rename(run.config.run_dir, run.folder.path() / "before");
}

TEST_CASE("a run leaves a folder that can be read, and tells its observers what it does") {
  SyntheticRun run;
  run.config.training.checkpoint.keep = 1;
  StoppingObserver observer;
  CHECK(start_run(run.config, observer.options()) == RunOutcome::kFinished);
  CHECK(observer.epochs == std::vector<int>{1, 2});
  CHECK(observer.outcome == RunOutcome::kFinished);
  for (const char* name :
       {"README.txt", "config.json", "environment.json", "rows.csv", "train.log"}) {
    CAPTURE(name);
    CHECK(std::filesystem::file_size(run.config.run_dir / name) > 0);
  }
  CHECK(!std::filesystem::exists(run.checkpoint("epoch-0001")));
  CHECK(std::filesystem::exists(run.checkpoint("epoch-0002")));
  CHECK(std::filesystem::exists(run.checkpoint("best")));
  const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
  CHECK(metrics.rows() == 2);
  CHECK(metrics.numbers("epoch")[1] == 2);
  CHECK(metrics.has_column("val_yaw_mae"));
  CHECK(to_json(load_run_config(run.config.run_dir / "config.json")) == to_json(run.config));
  const DataFrame rows = DataFrame::read_csv(run.config.run_dir / "rows.csv");
  CHECK(rows.rows() == 64);
}

TEST_CASE("the same config and seed give the same bytes; another seed does not") {
  SyntheticRun run;
  start_run(run.config);
  const auto first = results(run);
  move_away(run);
  start_run(run.config);
  CHECK(results(run) == first);
  move_away(run);
  run.config.seed = 2;
  start_run(run.config);
  CHECK(results(run)[0] != first[0]);
}

TEST_CASE("the number of loader threads does not change the result") {
  SyntheticRun run;
  run.config.data.workers = 1;
  start_run(run.config);
  const std::string first = read_file(run.config.run_dir / "metrics.csv");
  move_away(run);
  run.config.data.workers = 7;
  run.config.data.mode = ImageMode::kStream;
  start_run(run.config);
  CHECK(read_file(run.config.run_dir / "metrics.csv") == first);
}

TEST_CASE("a run stopped after any step and resumed equals one never stopped, bit for bit") {
  SyntheticRun run;
  start_run(run.config);
  const auto straight = results(run);
  // 50 training rows in batches of 16 are 4 steps an epoch: in the middle, at the end, at the
  // start.
  for (const int stop_after : {1, 3, 4, 5, 7}) {
    CAPTURE(stop_after);
    move_away(run);
    StoppingObserver stopping(stop_after);
    CHECK(start_run(run.config, stopping.options()) == RunOutcome::kStopped);
    CHECK(stopping.outcome == RunOutcome::kStopped);
    StoppingObserver resumed;
    CHECK(resume_run(run.config.run_dir, {}, resumed.options()) == RunOutcome::kFinished);
    CHECK(resumed.first_step == stop_after);
    CHECK(results(run) == straight);
  }
}

TEST_CASE("steps_per_epoch goes on in the data where the last epoch stopped") {
  SyntheticRun run(4);
  run.config.training.steps_per_epoch = 3;  // of 4 batches a pass
  start_run(run.config);
  const std::string straight = read_file(run.checkpoint("last"));
  move_away(run);
  StoppingObserver stopping(7);
  start_run(run.config, stopping.options());
  resume_run(run.config.run_dir);
  CHECK(read_file(run.checkpoint("last")) == straight);
  CHECK(read_checkpoint(run.checkpoint("last")).step == 12);
}

TEST_CASE("a run killed in the middle of writes goes on from its last good checkpoint") {
  SyntheticRun run;
  start_run(run.config);
  const auto straight = results(run);
  // What a kill -9 can leave: half a temporary file, metrics ahead of the checkpoint, half a line.
  write_file_atomically(run.config.run_dir / "checkpoints" / ".last.safetensors.tmp-1", "half");
  std::filesystem::remove(run.checkpoint("epoch-0002"));
  std::filesystem::remove(run.checkpoint("last"));
  std::filesystem::remove(run.checkpoint("best"));
  std::ofstream(run.config.run_dir / "metrics.csv", std::ios::app) << "3,12,0.0";
  CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
  CHECK(results(run)[0] == straight[0]);
  CHECK(results(run)[1] == straight[1]);
}

TEST_CASE("damage to the newest checkpoint is survived, and told") {
  SyntheticRun run;
  start_run(run.config);
  const auto straight = results(run);
  for (const char* name : {"last", "epoch-0002"}) {
    std::filesystem::resize_file(run.checkpoint(name), 5000);
  }
  std::filesystem::remove(run.checkpoint("best"));
  StoppingObserver observer;
  CHECK(resume_run(run.config.run_dir, {}, observer.options()) == RunOutcome::kFinished);
  CHECK(observer.first_step == 4);
  CHECK(!observer.warnings.empty());
  CHECK(read_file(run.checkpoint("last")) == straight[1]);
}

TEST_CASE("without a usable checkpoint a run begins again") {
  SyntheticRun run;
  start_run(run.config);
  const auto straight = results(run);
  std::filesystem::remove_all(run.config.run_dir / "checkpoints");
  std::filesystem::create_directory(run.config.run_dir / "checkpoints");
  CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
  CHECK(results(run) == straight);
}

TEST_CASE("a run can be extended, and equals one planned that long") {
  SyntheticRun run(3);
  start_run(run.config);
  const std::string planned = read_file(run.config.run_dir / "metrics.csv");
  const auto weights = read_checkpoint(run.checkpoint("last")).tensors;
  move_away(run);
  run.config.training.epochs = 2;
  start_run(run.config);
  CHECK_THROWS_WITH(resume_run(run.config.run_dir, 1),
                    run.config.run_dir.string() +
                        ": the run is planned for 2 epochs; --epochs must be at least that, not 1");
  resume_run(run.config.run_dir, 3);
  CHECK(read_file(run.config.run_dir / "metrics.csv") == planned);
  const auto extended = read_checkpoint(run.checkpoint("last")).tensors;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CHECK(torch::equal(weights[i].tensor, extended[i].tensor));
  }
  CHECK(load_run_config(run.config.run_dir / "config.json").training.epochs == 3);
}

TEST_CASE("a cosine schedule ends at 0, survives interruptions, and is not extended") {
  SyntheticRun run;
  run.config.training.optimizer.schedule = ScheduleKind::kCosine;
  start_run(run.config);
  const auto straight = results(run);
  const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
  // 50 rows, 8 steps: the last one of each epoch is step 3 and step 7, counted from 0.
  CHECK(metrics.numbers("learning_rate")[0] == Approx(0.0005 * (1 + std::cos(M_PI * 3 / 8))));
  CHECK(metrics.numbers("learning_rate")[1] == Approx(0.0005 * (1 + std::cos(M_PI * 7 / 8))));
  move_away(run);
  StoppingObserver stopping(5);
  start_run(run.config, stopping.options());
  resume_run(run.config.run_dir);
  CHECK(results(run) == straight);
  CHECK_THROWS_WITH(
      resume_run(run.config.run_dir, 3),
      run.config.run_dir.string() +
          ": the run's cosine schedule ends after 2 epochs, so it cannot be extended to "
          "3; start a new run with training.init_from");
}

TEST_CASE("train --resume starts, goes on, and refuses another run") {
  SyntheticRun run;
  CHECK(start_or_resume_run(run.config) == RunOutcome::kFinished);
  run.config.training.epochs = 3;
  StoppingObserver observer;
  CHECK(start_or_resume_run(run.config, observer.options()) == RunOutcome::kFinished);
  CHECK(observer.epochs == std::vector<int>{3});
  run.config.training.batch_size = 8;
  CHECK_THROWS_WITH(start_or_resume_run(run.config),
                    run.config.run_dir.string() +
                        ": it holds another run; they differ in training.batch_size (16 and 8)");
}

TEST_CASE("a folder that is in use or holds anything is never written over") {
  SyntheticRun run;
  start_run(run.config);
  const auto before = results(run);
  CHECK_THROWS_WITH(start_run(run.config), run.config.run_dir.string() +
                                               ": it already holds a run; go on with it by "
                                               "mobireg-resume, or choose another run_dir");
  CHECK(results(run) == before);
  {
    const RunFolder held = RunFolder::open(run.config.run_dir);
    CHECK_THROWS_WITH(
        resume_run(run.config.run_dir),
        run.config.run_dir.string() + ": another process is working in this run's folder");
  }
  run.config.run_dir = run.folder.path() / "heads";
  CHECK_THROWS_WITH(start_run(run.config),
                    run.config.run_dir.string() +
                        ": the folder is not empty and not a run's; choose another run_dir");
  CHECK_THROWS_WITH(resume_run(run.config.run_dir),
                    run.config.run_dir.string() + ": not a run's folder (it has no config.json)");
  run.config.run_dir = run.config.data.csv;
  CHECK_THROWS_WITH(start_run(run.config),
                    run.config.run_dir.string() + ": it is a file, not a folder");
}

TEST_CASE("a run goes on with its own rows alone") {
  SyntheticRun run;
  start_run(run.config);
  std::string csv = read_file(run.config.data.csv);
  write_file_atomically(run.config.data.csv, csv.substr(0, csv.rfind('\n', csv.size() - 2) + 1));
  CHECK_THROWS_WITH(resume_run(run.config.run_dir, 3),
                    run.config.run_dir.string() +
                        ": the data's rows are not those the run was started "
                        "with; a run goes on with its own data");
}

TEST_CASE("bad data leaves no run folder behind") {
  SyntheticRun run;
  std::filesystem::remove(run.folder.path() / "heads/images/000003.png");
  CHECK_THROWS_AS(start_run(run.config), Error);
  CHECK(!std::filesystem::exists(run.config.run_dir));
}

TEST_CASE("a loss that is not finite stops the run with the batch's lines") {
  SyntheticRun run;
  run.config.training.optimizer.name = OptimizerKind::kSgd;
  run.config.training.optimizer.learning_rate = 1e30;
  try {
    start_run(run.config);
    FAIL("it went on");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.rfind("the loss is ", 0) == 0);
    CHECK(text.find("the batch's rows are lines ") != std::string::npos);
    CHECK(text.find(run.config.data.csv.string()) != std::string::npos);
  }
}

TEST_CASE("init_from starts a new run from another's weights") {
  SyntheticRun run;
  start_run(run.config);
  run.config.training.init_from = run.checkpoint("last");
  run.config.run_dir = run.folder.path() / "second";
  run.config.training.steps_per_epoch = 1;
  run.config.training.epochs = 1;
  run.config.training.optimizer.learning_rate = 1e-12;
  start_run(run.config);
  const auto source = read_checkpoint(run.config.training.init_from).weights();
  const auto target = read_checkpoint(run.checkpoint("last")).weights();
  const char* name = "backbone.conv_pw_13.weight";
  CHECK(torch::allclose(source.find(name), target.find(name), 0, 1e-9));
}

TEST_CASE("more threads than cores are not taken; the run says that weights will differ") {
  SyntheticRun run;
  start_run(run.config);
  const auto file = run.config.run_dir / "environment.json";
  std::string text = read_file(file);
  const std::string wanted = "\"threads\": " + std::to_string(at::get_num_threads());
  text.replace(text.find(wanted), wanted.size(), "\"threads\": 1000");
  write_file_atomically(file, text);
  StoppingObserver observer;
  resume_run(run.config.run_dir, 3, observer.options());
  REQUIRE(!observer.warnings.empty());
  CHECK(observer.warnings[0].rfind("the run was started with 1000 threads", 0) == 0);
}

TEST_CASE("the log has plain lines; the terminal's line is cleared before others") {
  SyntheticRun run(1);
  std::ostringstream lines;
  std::ostringstream terminal;
  TextReporter plain(lines, ReportStyle::kLines);
  TextReporter live(terminal, ReportStyle::kTerminal);
  start_run(run.config, {{&plain, &live}, nullptr, {}});
  CHECK(lines.str().find('\r') == std::string::npos);
  CHECK(lines.str().find("epoch 1/1") != std::string::npos);
  CHECK(lines.str().find("Total parameters") != std::string::npos);
  CHECK(terminal.str().find("images/s  ETA") != std::string::npos);
  CHECK(read_file(run.config.run_dir / "train.log").find('\r') == std::string::npos);
}

TEST_CASE("a run without validation has no best checkpoint") {
  SyntheticRun run(1);
  run.config.data.validation.rule = SplitRule::kNone;
  CHECK(start_run(run.config) == RunOutcome::kFinished);
  CHECK(!std::filesystem::exists(run.checkpoint("best")));
  CHECK(!DataFrame::read_csv(run.config.run_dir / "metrics.csv").has_column("val_mae"));
}

TEST_CASE("one row left over in a pass of 32-pixel images trains") {
  SyntheticRun run(1);
  run.config.data.test.rule = SplitRule::kNone;
  run.config.data.validation = {SplitRule::kFirstFraction, 15.0 / 64};
  run.config.training.batch_size = 16;  // 49 rows: three batches, the last of 17
  CHECK(start_run(run.config) == RunOutcome::kFinished);
  CHECK(read_checkpoint(run.checkpoint("last")).step == 3);
}

}  // namespace
}  // namespace mobireg
