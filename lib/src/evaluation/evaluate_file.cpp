#include "mobireg/evaluation/evaluate_file.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <regex>

#include "core/fail.h"
#include "evaluation/evaluated_rows.h"
#include "evaluation/run_of_checkpoint.h"
#include "mobireg/core/threads.h"
#include "mobireg/deploy/predict_tensor.h"

namespace mobireg {
namespace {

ImageRegressionDataset rows_of_run(const EvaluateOptions& options, int threads) {
  const RunConfig run = run_of_checkpoint(options.file, "give --csv");
  DataConfig data = run.data;
  data.skip_bad_rows = data.skip_bad_rows || options.skip_bad_rows;
  Datasets sets = open_datasets(data, run.model, threads, options.warn);
  const RowSet rows =
      options.rows.value_or(sets.test.size() > 0 ? RowSet::kTest : RowSet::kValidation);
  switch (rows) {
    case RowSet::kTrain:
      return sets.train;
    case RowSet::kValidation:
      return sets.validation;
    case RowSet::kTest:
      break;
  }
  return sets.test;
}

ImageRegressionDataset rows_of_csv(const EvaluateOptions& options, const ModelConfig& model,
                                   int threads) {
  DataConfig data;
  data.csv = options.csv;
  data.directory = options.directory;
  data.x_col = options.x_col;
  data.y_col = options.y_col;
  data.skip_bad_rows = options.skip_bad_rows;
  if (data.y_col.empty()) {
    for (const OutputConfig& output : model.outputs) data.y_col.push_back(output.name);
  }
  if (data.y_col.size() != model.outputs.size()) {
    fail("{} label columns given; {} has {} outputs", data.y_col.size(), options.file.string(),
         model.outputs.size());
  }
  return open_dataset(data, model, threads, options.warn);
}

ImageRegressionDataset matching(const ImageRegressionDataset& dataset, const std::string& match) {
  try {
    const std::regex pattern(match);
    return dataset.filter(
        [&](const DatasetRow& row) { return std::regex_search(row.filename, pattern); });
  } catch (const std::regex_error& error) {
    fail("'{}' is not a regular expression ({})", match, error.what());
  }
}

}  // namespace

ImageRegressionDataset evaluated_rows(const EvaluateOptions& options, const ModelConfig& model,
                                      int threads) {
  const ImageRegressionDataset dataset =
      options.csv.empty() ? rows_of_run(options, threads) : rows_of_csv(options, model, threads);
  return options.match.empty() ? dataset : matching(dataset, options.match);
}

Evaluation evaluate_file(const EvaluateOptions& options) {
  const int threads = options.threads > 0 ? options.threads : available_cores();
  at::set_num_threads(threads);
  const Predictor predictor = Predictor::load(options.file);
  const ModelConfig& model = predictor.card().model;
  const ImageRegressionDataset dataset = evaluated_rows(options, model, threads);
  Evaluation evaluation = evaluate(dataset, model.outputs, [&](const at::Tensor& pixels) {
    at::Tensor sigmas;
    const at::Tensor outputs = predict_tensor(predictor, pixels, sigmas);
    return PredictedOutputs(outputs, sigmas);
  });
  if (!options.predictions.empty()) evaluation.predictions.write_csv(options.predictions);
  return evaluation;
}

}  // namespace mobireg
