#include "mobireg/training/run.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run_folder.h"
#include "mobireg/training/text_reporter.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

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
    CHECK(text.find("the batch's rows are ") != std::string::npos);
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
