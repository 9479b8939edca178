#include "mobireg/evaluation/evaluate.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "mobireg/config/units.h"

namespace mobireg {
namespace {

constexpr std::int64_t kBatch = 64;

OutputErrors summarize_errors(std::string name, std::string unit, const at::Tensor& errors) {
  // Missing labels are NaN.
  const at::Tensor size = errors.masked_select(errors.isfinite()).abs();
  if (size.numel() == 0) return {std::move(name), std::move(unit), NAN, NAN, NAN};
  return {std::move(name), std::move(unit), size.mean().item<double>(),
          size.square().mean().sqrt().item<double>(), size.quantile(0.5).item<double>()};
}

DataFrame prediction_table(const ImageRegressionDataset& dataset,
                           const std::vector<OutputConfig>& outputs, const at::Tensor& predicted) {
  std::vector<std::string> filenames;
  for (std::int64_t i = 0; i < dataset.size(); ++i) filenames.push_back(dataset.row(i).filename);
  DataFrame table;
  table.add_column("filename", std::move(filenames));
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const at::Tensor column =
        predicted.select(1, static_cast<std::int64_t>(k)).to(torch::kDouble).contiguous();
    const double* values = column.data_ptr<double>();
    table.add_column(outputs[k].name, std::vector<double>(values, values + column.numel()));
  }
  return table;
}

}  // namespace

at::Tensor pixel_batch(const ImageRegressionDataset& dataset, std::int64_t begin,
                       std::int64_t end) {
  std::vector<Image> images;
  for (std::int64_t i = begin; i < end; ++i) {
    images.push_back(dataset.input_image(i));
  }
  return pixel_batch(images);
}

at::Tensor pixel_batch(const std::vector<Image>& images) {
  std::vector<at::Tensor> tensors;
  for (const Image& image : images) {
    tensors.push_back(torch::tensor(at::ArrayRef<std::uint8_t>(image.pixels), torch::kFloat)
                          .view({image.height, image.width, image.channels}));
  }
  return torch::stack(tensors).permute({0, 3, 1, 2});
}

Evaluation evaluate(const ImageRegressionDataset& dataset, const std::vector<OutputConfig>& outputs,
                    const PredictFunction& predict) {
  if (dataset.size() == 0) fail("there are no rows to evaluate");
  std::vector<at::Tensor> predictions;
  std::vector<at::Tensor> targets;
  for (std::int64_t begin = 0; begin < dataset.size(); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, dataset.size());
    predictions.push_back(predict(pixel_batch(dataset, begin, end)).to(torch::kCPU));
    for (std::int64_t i = begin; i < end; ++i)
      targets.push_back(torch::tensor(dataset.input_targets(i)));
  }
  const at::Tensor predicted = torch::cat(predictions);
  std::vector<double> factors;
  for (const OutputConfig& output : outputs) factors.push_back(report_factor(output.unit));
  const at::Tensor errors =
      (predicted.to(torch::kDouble) - torch::stack(targets).to(torch::kDouble)) *
      torch::tensor(factors, torch::kDouble);
  Evaluation evaluation;
  evaluation.rows = dataset.size();
  bool same_unit = true;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    evaluation.outputs.push_back(summarize_errors(outputs[k].name, report_unit(outputs[k].unit),
                                                  errors.select(1, static_cast<std::int64_t>(k))));
    same_unit = same_unit && evaluation.outputs[k].unit == evaluation.outputs[0].unit;
  }
  evaluation.overall =
      summarize_errors("overall", same_unit ? evaluation.outputs[0].unit : "", errors);
  evaluation.predictions = prediction_table(dataset, outputs, predicted);
  return evaluation;
}

std::string Evaluation::to_string() const {
  std::string text =
      fmt::format("{} rows\n{:<16}{:>10}{:>10}{:>10}\n", rows, "output", "MAE", "RMSE", "median");
  const auto line = [&](const OutputErrors& e) {
    text += fmt::format("{:<16}{:>10.4f}{:>10.4f}{:>10.4f}  {}\n", e.name, e.mae, e.rmse, e.median,
                        e.unit);
  };
  for (const OutputErrors& errors : outputs) line(errors);
  line(overall);
  return text;
}

}  // namespace mobireg
