#include "mobireg/evaluation/int8_rows.h"

#include <torch/types.h>

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/deploy/export.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"

namespace mobireg {
namespace {

struct TrainedRun : SyntheticRun {
  TrainedRun() : SyntheticRun(1) { start_run(config); }
};

TEST_CASE("int8 is fitted to the run's training rows and judged on its test rows, or on CSVs") {
  const TrainedRun run;
  const auto checkpoint = run.checkpoint("last");
  Int8Rows rows;
  rows.calibrate_count = 7;
  Int8Export int8 = int8_export(checkpoint, rows);
  CHECK(int8.calibration.sizes() == at::IntArrayRef({7, 3, 32, 32}));
  const auto zeros = [](const at::Tensor& pixels) { return torch::zeros({pixels.size(0), 3}); };
  CHECK(int8.judge(zeros).rows == "test");
  CHECK(int8.judge(zeros).count == 6);
  CHECK(int8.judge(zeros).unit == "deg");
  CHECK(int8.judge(zeros).maes.size() == 3);
  rows.calibrate_count = 500;
  CHECK(int8_export(checkpoint, rows).calibration.size(0) < 64 - 6);
  rows.calibrate = rows.held_out = run.config.data.csv;
  int8 = int8_export(checkpoint, rows);
  CHECK(int8.calibration.size(0) == 64);
  CHECK(int8.judge(zeros).rows == "headpose.csv");
  CHECK(int8.judge(zeros).count == 64);
}

TEST_CASE("an int8 file's errors are those that evaluation finds in it") {
  const TrainedRun run;
  ExportOptions options;
  options.output = run.folder.path() / "m.onnx";
  options.int8 = int8_export(run.checkpoint("last"), {});
  options.int8->force = true;
  const ExportResult result =
      export_network(run.checkpoint("last"), torch::empty({0, 3, 32, 32}), options);
  EvaluateOptions of_file;
  of_file.file = options.output;
  of_file.csv = run.config.data.csv;
  of_file.match = "00000[0-5]";  // the test rows
  const Evaluation found = evaluate_file(of_file);
  REQUIRE(found.rows == 6);
  CHECK(found.overall.mae == Approx(result.int8->int8_errors.mae));
  of_file.file = run.checkpoint("last");
  CHECK(evaluate_file(of_file).overall.mae == Approx(result.int8->float_errors.mae));
}

TEST_CASE("a run without held-out rows must be told what to judge int8 on") {
  SyntheticRun run(1);
  run.config.data.test = {};
  run.config.data.validation = {SplitRule::kNone};
  start_run(run.config);
  CHECK_THROWS_WITH(int8_export(run.checkpoint("last"), {}),
                    "int8 needs held-out rows that tell what it costs, and the run has none; give "
                    "--held-out");
}

}  // namespace
}  // namespace mobireg
