// Runs made longer whose schedule ends with the run.

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

struct CosineRun : SyntheticRun {
  explicit CosineRun(int epochs) : SyntheticRun(epochs) {  // of 4 steps
    config.training.optimizer.schedule = ScheduleKind::kCosine;
  }
};

RunOptions extend_by(ScheduleExtension extend, const RunObservers& observers = {}) {
  RunOptions options;
  options.observers = observers;
  options.extend = extend;
  return options;
}

std::vector<double> rates_of(const SyntheticRun& run) {
  return DataFrame::read_csv(run.config.run_dir / "metrics.csv").numbers("learning_rate");
}

double cosine_rate(int step, int steps) { return 0.0005 * (1 + std::cos(M_PI * step / steps)); }

bool same_tensors(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto left = read_checkpoint(a).tensors;
  const auto right = read_checkpoint(b).tensors;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!torch::equal(left[i].tensor, right[i].tensor)) return false;
  }
  return left.size() == right.size();
}

TEST_CASE("a schedule that ends with the run is not extended unless told how") {
  const CosineRun run(2);
  start_run(run.config);
  const std::string before = digest_of(run.checkpoint("last"));
  CHECK_THROWS_WITH(resume_run(run.config.run_dir, 3),
                    run.config.run_dir.string() +
                        ": the run's cosine schedule ends after 2 epochs; to extend it to 3, say "
                        "how: --extend stretch (from now on as if planned for 3 epochs) or "
                        "--extend hold (with the rate with which epoch 2 began)");
  CHECK(digest_of(run.checkpoint("last")) == before);
  CHECK(load_run_config(run.config.run_dir / "config.json").training.epochs == 2);
}

TEST_CASE("hold keeps the rate of the last planned epoch, as a run so planned, now and later") {
  CosineRun run(2);
  start_run(run.config);
  resume_run(run.config.run_dir, 3, extend_by(ScheduleExtension::kHold));
  CHECK(rates_of(run)[1] == Approx(cosine_rate(7, 8)));
  CHECK(rates_of(run)[2] == Approx(cosine_rate(4, 8)));
  CHECK(load_run_config(run.config.run_dir / "config.json").training.optimizer.schedule_epochs ==
        2);
  CHECK(read_file(run.config.run_dir / "train.log")
            .find("extended from 2 to 3 epochs, the rate held after the cosine schedule's 2\n") !=
        std::string::npos);
  resume_run(run.config.run_dir, 4);  // need not be told again
  CHECK(rates_of(run)[3] == Approx(cosine_rate(4, 8)));
  move_away(run);
  run.config.training.epochs = 4;
  run.config.training.optimizer.schedule_epochs = 2;
  start_run(run.config);
  CHECK(same_tensors(run.checkpoint("last"),
                     run.folder.path() / "before/checkpoints/last.safetensors"));
}

TEST_CASE("stretch goes on as if planned for all epochs, also after an interruption") {
  CosineRun run(2);
  start_run(run.config);
  resume_run(run.config.run_dir, 4, extend_by(ScheduleExtension::kStretch));
  CHECK(rates_of(run)[1] == Approx(cosine_rate(7, 8)));
  CHECK(rates_of(run)[2] == Approx(cosine_rate(11, 16)));
  CHECK(rates_of(run)[3] == Approx(cosine_rate(15, 16)));
  CHECK(read_file(run.config.run_dir / "train.log")
            .find("extended from 2 to 4 epochs, the cosine schedule stretched over them\n") !=
        std::string::npos);
  const auto straight = results(run);
  move_away(run);
  start_run(run.config);
  StoppingObserver stopping(3);
  RunOptions options = extend_by(ScheduleExtension::kStretch, {&stopping});
  options.stop = &stopping.stop;
  CHECK(resume_run(run.config.run_dir, 4, options) == RunOutcome::kStopped);
  CHECK(resume_run(run.config.run_dir) == RunOutcome::kFinished);
  CHECK(results(run) == straight);
}

TEST_CASE("stretch undoes a hold") {
  const CosineRun run(1);
  start_run(run.config);
  resume_run(run.config.run_dir, 2, extend_by(ScheduleExtension::kHold));
  CHECK(rates_of(run)[1] == Approx(0.001));  // the only planned epoch began with all of it
  resume_run(run.config.run_dir, 3, extend_by(ScheduleExtension::kStretch));
  CHECK(rates_of(run)[2] == Approx(cosine_rate(11, 12)));
}

TEST_CASE("a schedule that does not end with the run needs no telling, and takes none") {
  SyntheticRun run(1);
  start_run(run.config);
  CHECK_THROWS_WITH(
      resume_run(run.config.run_dir, 2, extend_by(ScheduleExtension::kHold)),
      run.config.run_dir.string() +
          ": the run's constant schedule does not depend on its length; leave --extend out");
  CHECK(resume_run(run.config.run_dir, 2) == RunOutcome::kFinished);
}

TEST_CASE("train --resume goes on with a run that was extended") {
  CosineRun run(1);
  start_run(run.config);
  resume_run(run.config.run_dir, 2, extend_by(ScheduleExtension::kHold));
  StoppingObserver observer;
  CHECK(start_or_resume_run(run.config, observer.options()) == RunOutcome::kFinished);
  CHECK(observer.epochs.empty());
}

}  // namespace
}  // namespace mobireg
