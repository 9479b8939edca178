// What can be tried before a long run: a short one, one batch, the learning rate.

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/training/dev_run.h"
#include "mobireg/training/overfit.h"
#include "mobireg/training/rate_finder.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

const std::atomic<bool> kGoOn{false};

std::size_t entries_of(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

/// Makes a folder of its own the place of temporary files.
class TemporaryFiles {
 public:
  TemporaryFiles() { ::setenv("TMPDIR", folder_.path().c_str(), 1); }
  TemporaryFiles(const TemporaryFiles&) = delete;
  TemporaryFiles& operator=(const TemporaryFiles&) = delete;
  ~TemporaryFiles() { ::unsetenv("TMPDIR"); }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_CASE("a fast dev run tries every part and leaves nothing") {
  SyntheticRun run(50);
  TrainingConfig& training = run.config.training;
  training.ema_decay = 0.9;
  training.accumulate = 5;
  training.freeze_epochs = 10;
  training.early_stopping = 1;
  training.optimizer.schedule = ScheduleKind::kOneCycle;
  training.optimizer.warmup_epochs = 20;
  run.config.data.cache = run.folder.path() / "cache";
  run.config = resolve_config(run.config);
  const std::size_t before = entries_of(run.folder.path());
  const TemporaryFiles temporary;
  std::vector<std::string> passed;
  const auto tell = [&](const std::string& part) { passed.push_back(part); };
  CHECK(fast_dev_run(run.config, tell, kGoOn));
  CHECK(passed ==
        std::vector<std::string>{"training, validation and checkpoints", "resume", "prediction"});
  CHECK(entries_of(run.folder.path()) == before);
  CHECK(entries_of(temporary.path()) == 0);
}

TEST_CASE("a fast dev run says which part fails and why, and leaves nothing then either") {
  SyntheticRun run;
  run.config.training.init_from = run.folder.path() / "none.safetensors";
  const TemporaryFiles temporary;
  std::vector<std::string> passed;
  const auto tell = [&](const std::string& part) { passed.push_back(part); };
  CHECK_THROWS_WITH(fast_dev_run(run.config, tell, kGoOn),
                    Catch::StartsWith("training, validation and checkpoints: ") &&
                        Catch::Contains(run.config.training.init_from.string()));
  CHECK(passed.empty());
  CHECK(entries_of(temporary.path()) == 0);
}

TEST_CASE("a fast dev run that is stopped says so") {
  const SyntheticRun run;
  const std::atomic<bool> stop{true};
  bool passed = false;
  CHECK_FALSE(fast_dev_run(
      run.config, [&](const std::string&) { passed = true; }, stop));
  CHECK_FALSE(passed);
}

TEST_CASE("one batch is learnt by heart, whatever would stand in the way in a run") {
  SyntheticRun run;
  run.config.training.optimizer.warmup_epochs = 1;
  run.config.training.optimizer.weight_decay = 10;
  run.config.training.accumulate = 7;
  const OverfitCheck check = overfit_batch(run.config);
  CAPTURE(check.to_string());
  CHECK(check.passed());
  CHECK(check.images == 16);
  CHECK(check.steps > 0);
  CHECK(check.to_string().rfind("OK: after ", 0) == 0);
}

TEST_CASE("a network that cannot learn a batch fails the check") {
  SyntheticRun run;
  run.config.training.optimizer.learning_rate = 1e-9;
  run.config.model.alpha = 0.125;
  const OverfitCheck check = overfit_batch(run.config);
  CHECK_FALSE(check.passed());
  CHECK(check.steps == OverfitCheck::kMostSteps);
  CHECK(check.to_string().rfind("failed: after 400 steps on one batch of 16 images", 0) == 0);
}

TEST_CASE("a batch of equal labels is refused: there is nothing to learn") {
  SyntheticRun run;
  const DataFrame frame = DataFrame::read_csv(run.config.data.csv);
  std::string csv = "filename,pitch,yaw,roll\n";
  for (const auto name : frame.strings("filename")) csv += std::string(name) + ",0.1,0.2,0.3\n";
  write_file_atomically(run.config.data.csv, csv);
  CHECK_THROWS_WITH(overfit_batch(run.config),
                    "the batch of 16 images cannot be learnt: all its labels are the same");
}

TEST_CASE("the rate finder ramps from the lowest rate to the highest, and writes nothing") {
  SyntheticRun run;
  run.config.training.optimizer.schedule = ScheduleKind::kCosine;
  run.config.training.optimizer.warmup_epochs = 1;
  RateFinderOptions options;
  options.steps = 40;
  options.highest = 1e-2;
  const std::size_t before = entries_of(run.folder.path());
  const RateFinding finding = find_learning_rate(run.config, options);
  CHECK(entries_of(run.folder.path()) == before);
  REQUIRE(finding.steps.size() == 40);
  CHECK(finding.steps[0].rate == Approx(1e-6));
  CHECK(finding.steps[39].rate == Approx(1e-2));
  CHECK(finding.steps[20].rate / finding.steps[19].rate == Approx(std::pow(1e4, 1.0 / 39)));
  REQUIRE(finding.below_lowest);
  CHECK(*finding.below_lowest < 1e-2);
  CHECK(finding.to_csv().rfind("learning_rate,loss,smoothed_loss\n1e-06,", 0) == 0);
}

TEST_CASE("the rate finder stops when the loss has gone") {
  SyntheticRun run;
  run.config.training.optimizer.name = OptimizerKind::kSgd;
  RateFinderOptions options;
  options.steps = 40;
  options.lowest = 1e-3;
  options.highest = 1e6;
  const RateFinding finding = find_learning_rate(run.config, options);
  CHECK(finding.steps.size() < 40);
  CHECK(finding.steps.size() > 5);
}

TEST_CASE("the suggestions are the steepest descent and a tenth of the lowest") {
  RateFinding finding;
  for (int i = 0; i <= 120; ++i) {
    // A hill's foot at 1e-6, the steepest point at 1e-4, the valley at 1e-3, a cliff after it.
    const double decade = -6 + i / 20.0;
    const double loss =
        decade < -3 ? 1 - 1 / (1 + std::exp(-6 * (decade + 4))) : 0.003 + std::pow(decade + 3, 2);
    finding.steps.push_back({std::pow(10, decade), loss, 0});
  }
  judge_rates(finding);
  REQUIRE(finding.steepest);
  CHECK(std::log10(*finding.steepest) == Approx(-4).margin(0.051));
  CHECK(std::log10(*finding.below_lowest) == Approx(-4).margin(0.2));  // smoothed: aside
  CHECK(finding.to_string().find("The loss falls fastest at 1.00e-04.\n") != std::string::npos);

  for (RateStep& step : finding.steps) step.loss = step.rate;
  finding.steepest.reset();
  finding.below_lowest.reset();
  judge_rates(finding);
  CHECK_FALSE(finding.below_lowest);
  CHECK(finding.to_string().find("The loss does not fall at any of these rates.\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace mobireg
