#include "mobireg/evaluation/evaluate.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "mobireg/core/error.h"
#include "mobireg/deploy/export.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

/// Rows of 32x32 grey images of value 7 with these labels, NaN for missing ones.
ImageRegressionDataset labelled(const TemporaryFolder& folder,
                                const std::vector<OutputConfig>& outputs,
                                const std::vector<std::vector<double>>& targets) {
  cv::imwrite((folder.path() / "a.png").string(), cv::Mat(32, 32, CV_8U, cv::Scalar(7)));
  ModelConfig model;
  model.input.size = 32;
  model.input.color_mode = ColorMode::kGrayscale;
  model.outputs = outputs;
  model = resolve_config(model);
  DataConfig data;
  data.csv = folder.path() / "l.csv";
  DataFrame frame;
  frame.add_column("filename", std::vector<std::string>(targets.size(), "a.png"));
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (std::isnan(targets[0][k])) {
      data.missing.push_back(outputs[k].name);
      continue;
    }
    std::vector<double> column;
    for (const auto& row : targets) column.push_back(row[k]);
    data.y_col.push_back(outputs[k].name);
    frame.add_column(outputs[k].name, column);
  }
  return open_dataset(frame, data, model, 1);
}

TEST_CASE("errors are what their names say, in degrees for angles") {
  const TemporaryFolder folder;
  const std::vector<OutputConfig> outputs{{"yaw", Unit::kRadians}, {"x", Unit::kPixels}};
  const auto dataset = labelled(folder, outputs, {{0.1, 1}, {-0.2, 2}, {0.6, -4}});
  const Evaluation evaluation = evaluate(dataset, outputs, [](const at::Tensor& pixels) {
    CHECK(pixels.sizes() == at::IntArrayRef({3, 1, 32, 32}));
    CHECK(pixels[0][0][0][0].item<float>() == 7);
    return torch::zeros({pixels.size(0), 2});
  });
  const double degrees = 57.29577951308232;
  CHECK(evaluation.rows == 3);
  CHECK(evaluation.outputs[0].mae == Approx(0.3 * degrees));
  CHECK(evaluation.outputs[0].median == Approx(0.2 * degrees));
  CHECK(evaluation.outputs[0].rmse == Approx(std::sqrt((0.01 + 0.04 + 0.36) / 3) * degrees));
  CHECK(evaluation.outputs[1].mae == Approx(7.0 / 3));
  CHECK(evaluation.outputs[1].unit == "px");
  CHECK(evaluation.overall.unit.empty());
  CHECK(evaluation.to_string().find("overall") != std::string::npos);
}

TEST_CASE("outputs without labels have no errors and no part in the others'") {
  const TemporaryFolder folder;
  const std::vector<OutputConfig> outputs{{"a", Unit::kNone}, {"b", Unit::kNone}};
  const auto dataset = labelled(folder, outputs, {{1, NAN}, {3, NAN}});
  const Evaluation evaluation = evaluate(dataset, outputs, [](const at::Tensor& pixels) {
    return torch::zeros({pixels.size(0), 2});
  });
  CHECK(evaluation.outputs[0].mae == Approx(2));
  CHECK(std::isnan(evaluation.outputs[1].mae));
  CHECK(evaluation.overall.mae == Approx(2));
}

TEST_CASE("what standard deviations say is compared with the errors, in report units") {
  const TemporaryFolder folder;
  const std::vector<OutputConfig> outputs{{"yaw", Unit::kRadians}, {"x", Unit::kPixels}};
  const auto dataset = labelled(folder, outputs, {{0.1, 1}, {-0.2, 2}, {0.6, -4}});
  const Evaluation evaluation = evaluate(dataset, outputs, [](const at::Tensor& pixels) {
    const auto sigmas = torch::tensor({{0.09F, NAN}, {0.31F, NAN}, {0.5F, NAN}});
    return PredictedOutputs(torch::zeros({pixels.size(0), 2}), sigmas);
  });
  const double degrees = 57.29577951308232;
  const std::optional<Calibration>& yaw = evaluation.outputs[0].calibration;
  REQUIRE(yaw);
  CHECK(yaw->sigma == Approx(0.3 * degrees));
  CHECK(yaw->within == Approx(1.0 / 3));
  double likelihood = 0;
  for (const auto& [error, sigma] : {std::pair(0.1, 0.09), {0.2, 0.31}, {0.6, 0.5}}) {
    const double z = error / sigma;
    likelihood += std::log(std::sqrt(2 * M_PI) * sigma * degrees) + z * z / 2;
  }
  CHECK(yaw->negative_log_likelihood == Approx(likelihood / 3));
  CHECK_FALSE(evaluation.outputs[1].calibration);
  CHECK(evaluation.overall.calibration->sigma == Approx(yaw->sigma));
  CHECK(evaluation.predictions.columns() ==
        std::vector<std::string>{"filename", "yaw", "x", "yaw_sigma"});
  CHECK(evaluation.predictions.numbers("yaw_sigma")[1] == Approx(0.31));
  CHECK(evaluation.to_string().find("sigma") != std::string::npos);
}

TEST_CASE("no rows are refused") {
  CHECK_THROWS_WITH(evaluate({}, {}, {}), "there are no rows to evaluate");
}

TEST_CASE("a checkpoint and its exported file have the same errors, and predictions are written") {
  SyntheticRun run(1);
  start_run(run.config);
  EvaluateOptions options;
  options.file = run.checkpoint("best");
  options.predictions = run.folder.path() / "predictions.csv";
  const Evaluation of_checkpoint = evaluate_file(options);
  CHECK(of_checkpoint.rows == 6);
  const DataFrame predictions = DataFrame::read_csv(options.predictions);
  CHECK(predictions.columns() == std::vector<std::string>{"filename", "pitch", "yaw", "roll"});
  CHECK(predictions.rows() == 6);

  const auto exported = run.folder.path() / "model.pt";
  export_network(options.file, images_of_run(options.file, 10), {exported});
  options.file = exported;
  options.csv = run.config.data.csv;
  options.match = "00000[0-5]";  // the run's test rows
  const Evaluation of_export = evaluate_file(options);
  CHECK(of_export.rows == 6);
  CHECK(of_export.overall.mae == Approx(of_checkpoint.overall.mae).epsilon(1e-4));
}

TEST_CASE("what cannot be evaluated is refused in one line") {
  SyntheticRun run(1);
  start_run(run.config);
  EvaluateOptions options;
  options.file = run.checkpoint("best");
  options.match = "(";
  CHECK_THROWS_WITH(evaluate_file(options), Catch::Contains("'(' is not a regular expression"));
  options.match = "no such file";
  CHECK_THROWS_WITH(evaluate_file(options), "there are no rows to evaluate");
  options.match.clear();
  options.csv = run.config.data.csv;
  options.y_col = {"yaw"};
  CHECK_THROWS_WITH(evaluate_file(options), Catch::Contains("1 label columns given"));
  const auto exported = run.folder.path() / "model.pt";
  export_network(options.file, images_of_run(options.file, 1), {exported});
  EvaluateOptions without_csv;
  without_csv.file = exported;
  CHECK_THROWS_WITH(evaluate_file(without_csv),
                    exported.string() + ": only a checkpoint knows its run's images; give --csv");
}

TEST_CASE("images to verify on come from the run or from a folder") {
  SyntheticRun run(1);
  start_run(run.config);
  CHECK(images_of_run(run.checkpoint("last"), 10).sizes() == at::IntArrayRef({10, 3, 32, 32}));
  const auto folder = run.folder.path() / "heads/images";
  CHECK(images_of_folder(folder, run.config.model.input, 100).size(0) == 64);
  CHECK_THROWS_WITH(images_of_folder(run.folder.path(), run.config.model.input, 5),
                    run.folder.path().string() + ": there is no JPEG, PNG, BMP or PNM image in it");
  std::filesystem::remove_all(folder);
  CHECK_THROWS_WITH(images_of_run(run.checkpoint("last"), 10),
                    run.config.data.csv.string() + ": none of its images is there; give --images");
}

}  // namespace
}  // namespace mobireg
