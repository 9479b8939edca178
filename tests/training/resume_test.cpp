// A run interrupted anywhere and resumed must equal one that was never touched.

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

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
  const std::string straight = digest_of(run.checkpoint("last"));
  move_away(run);
  StoppingObserver stopping(7);
  start_run(run.config, stopping.options());
  resume_run(run.config.run_dir);
  CHECK(digest_of(run.checkpoint("last")) == straight);
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
  CHECK(digest_of(run.checkpoint("last")) == straight[1]);
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

TEST_CASE("a cosine schedule ends at 0 and survives interruptions") {
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

}  // namespace
}  // namespace mobireg
