#include "mobireg/evaluation/int8_rows.h"

#include <torch/types.h>

#include <algorithm>

#include "core/fail.h"
#include "evaluation/evaluated_rows.h"
#include "mobireg/core/threads.h"
#include "mobireg/deploy/export.h"
#include "mobireg/evaluation/evaluate.h"

namespace mobireg {
namespace {

/// Evenly spread over the rows.
at::Tensor some_images(const ImageRegressionDataset& rows, std::int64_t limit) {
  const std::int64_t count = std::min(limit, rows.size());
  std::vector<Image> images;
  for (std::int64_t i = 0; i < count; ++i) {
    images.push_back(rows.input_image(i * rows.size() / count));
  }
  return pixel_batch(images);
}

HeldOutErrors held_out_errors(const Evaluation& evaluation, const std::string& rows) {
  HeldOutErrors errors{rows, evaluation.rows, evaluation.overall.unit, evaluation.overall.mae, {}};
  for (const OutputErrors& output : evaluation.outputs) errors.maes.push_back(output.mae);
  return errors;
}

struct NamedRows {
  std::string name;
  ImageRegressionDataset rows;
};

NamedRows held_out_rows(EvaluateOptions options, const Int8Rows& rows, const ModelConfig& model,
                        int threads) {
  if (!rows.held_out.empty()) {
    options.csv = rows.held_out;
    return {rows.held_out.filename().string(), evaluated_rows(options, model, threads)};
  }
  options.rows = RowSet::kTest;
  const ImageRegressionDataset test = evaluated_rows(options, model, threads);
  if (test.size() > 0) return {"test", test};
  options.rows = RowSet::kValidation;
  return {"validation", evaluated_rows(options, model, threads)};
}

}  // namespace

Int8Export int8_export(const std::filesystem::path& checkpoint, const Int8Rows& rows) {
  const ModelConfig model = read_model_card(checkpoint).model;
  const int threads = rows.threads > 0 ? rows.threads : available_cores();
  EvaluateOptions options;
  options.file = checkpoint;
  options.warn = rows.warn;
  const NamedRows held_out = held_out_rows(options, rows, model, threads);
  if (held_out.rows.size() == 0) {
    fail("int8 needs held-out rows that tell what it costs, and the run has none; give --held-out");
  }
  options.csv = rows.calibrate;
  options.rows = RowSet::kTrain;
  const ImageRegressionDataset calibration = evaluated_rows(options, model, threads);
  if (calibration.size() == 0) fail("int8 needs images to calibrate on, and there is none");
  Int8Export int8;
  int8.calibration = some_images(calibration, rows.calibrate_count);
  int8.judge = [held_out, model](const PixelsToOutputs& network) {
    return held_out_errors(evaluate(held_out.rows, model.outputs, network), held_out.name);
  };
  return int8;
}

}  // namespace mobireg
