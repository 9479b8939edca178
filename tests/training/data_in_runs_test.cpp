// What a whole run does with its data: damaged images, augmentation, standardisation.

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/model/safetensors.h"
#include "mobireg/training/run.h"
#include "mobireg/training/run_folder.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

struct Warnings : RunObserver {
  std::vector<std::string> texts;
  void on_warning(const std::string& text) override { texts.push_back(text); }
};

/// Has the images decoded while the run trains, and cuts one of them in half.
void cut_image(SyntheticRun& run, const std::string& number) {
  run.config.data.mode = ImageMode::kStream;
  const auto image = run.folder.path() / "heads/images" / (number + ".png");
  const std::string bytes = read_file(image);
  write_file_atomically(image, bytes.substr(0, bytes.size() / 2));
}

TEST_CASE("an image found damaged while training ends the run with its file and row") {
  SyntheticRun run(1);
  cut_image(run, "000040");
  CHECK_THROWS_WITH(
      start_run(run.config),
      Catch::StartsWith(run.config.data.csv.string() + ":42: ") && Catch::Contains("000040.png"));
}

TEST_CASE("or is left out with a warning, in training and in validation, and the run goes on") {
  const std::string number = GENERATE("000040", "000007");  // a training row, a validation row
  SyntheticRun run(1);
  cut_image(run, number);
  run.config.data.skip_bad_rows = true;
  Warnings warnings;
  CHECK(start_run(run.config, {{&warnings}, nullptr, {}}) == RunOutcome::kFinished);
  REQUIRE(warnings.texts.size() == 1);
  CHECK_THAT(warnings.texts[0], Catch::StartsWith("left out: ") && Catch::Contains(number));
  CHECK(read_file(run.config.run_dir / "train.log").find("left out: ") != std::string::npos);
}

double validation_mae(const SyntheticRun& run) {
  const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
  return metrics.numbers("val_mae").back();
}

TEST_CASE("validation sees no augmentation, and evaluation sees what validation saw") {
  SyntheticRun run(1);
  run.config.augmentation.rotation_range = 90;
  run.config.augmentation.labels = LabelRule::kAsKeras;
  InputConfig& input = run.config.model.input;
  const int standardization = GENERATE(0, 1, 2);
  if (standardization == 1) {
    input.featurewise_center = input.featurewise_std_normalization = true;
  } else if (standardization == 2) {
    input.samplewise_center = true;
    input.rescale = 0.5;
  }
  start_run(run.config);
  EvaluateOptions options;
  options.file = run.checkpoint("last");
  options.rows = RowSet::kValidation;
  CHECK(evaluate_file(options).overall.mae == Approx(validation_mae(run)).epsilon(1e-4));
}

TEST_CASE("what is fitted stands in the run's config and is used again on resume") {
  SyntheticRun run(1);
  run.config.model.input.featurewise_center = true;
  start_run(run.config);
  const std::vector<double> mean =
      RunFolder::open(run.config.run_dir).config().model.input.feature_mean;
  REQUIRE(mean.size() == 3);
  CHECK(mean[0] != 0);
  CHECK(resume_run(run.config.run_dir, 2) == RunOutcome::kFinished);
  CHECK(RunFolder::open(run.config.run_dir).config().model.input.feature_mean == mean);
  RunConfig again = run.config;  // without the fitted numbers
  again.training.epochs = 2;
  CHECK(start_or_resume_run(again) == RunOutcome::kFinished);
}

TEST_CASE("a whitened run keeps its matrix in the checkpoint") {
  SyntheticRun run(1);
  run.config.model.input.color_mode = ColorMode::kGrayscale;
  run.config.model.input.mean = {123};
  run.config.model.input.scale = {58};
  run.config.model.input.zca_whitening = true;
  start_run(run.config);
  const TensorFile file = read_safetensors(run.checkpoint("last"));
  CHECK(file.find("input.whitening").sizes() == at::IntArrayRef({1024, 1024}));
  EvaluateOptions options;
  options.file = run.checkpoint("last");
  options.rows = RowSet::kValidation;
  CHECK(evaluate_file(options).overall.mae == Approx(validation_mae(run)).epsilon(1e-4));
  CHECK(resume_run(run.config.run_dir, 2) == RunOutcome::kFinished);
}

TEST_CASE("balanced draws, missing labels and weights go through a whole run") {
  SyntheticRun run(1);
  DataSetConfig whole = run.config.data;
  DataSetConfig part = whole;
  part.missing = {"roll"};
  part.y_col = {"pitch", "yaw"};
  part.weight = 0.5;
  run.config.data.csv.clear();
  static_cast<DataSetConfig&>(run.config.data) = DataSetConfig{};
  run.config.data.sets = {whole, part};
  run.config.data.balance = {"yaw", 5, 1.0};
  CHECK(start_run(run.config) == RunOutcome::kFinished);
  const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
  CHECK(metrics.numbers("val_roll_mae")[0] > 0);
  CHECK(std::isfinite(metrics.numbers("loss")[0]));
}

}  // namespace
}  // namespace mobireg
