#include "mobireg/evaluation/evaluate.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "mobireg/config/units.h"

namespace mobireg {
namespace {

constexpr std::int64_t kBatch = 64;

/// Both in report units; NaN where there is no label or no standard deviation.
std::optional<Calibration> calibration_of(const at::Tensor& errors, const at::Tensor& sigmas) {
  constexpr double kTwoPi = 6.283185307179586;
  const at::Tensor known = (errors + sigmas).isfinite();
  const at::Tensor sigma = sigmas.masked_select(known);
  if (sigma.numel() == 0) return std::nullopt;
  const at::Tensor error = errors.masked_select(known);
  const at::Tensor likelihood = 0.5 * ((sigma.square() * kTwoPi).log() + (error / sigma).square());
  return Calibration{sigma.mean().item<double>(),
                     (error.abs() <= sigma).to(torch::kDouble).mean().item<double>(),
                     likelihood.mean().item<double>()};
}

/// sigmas: of the same shape, or undefined.
OutputErrors summarize_errors(std::string name, std::string unit, const at::Tensor& errors,
                              const at::Tensor& sigmas) {
  // Missing labels are NaN.
  const at::Tensor size = errors.masked_select(errors.isfinite()).abs();
  if (size.numel() == 0) return {std::move(name), std::move(unit), NAN, NAN, NAN};
  OutputErrors summary{std::move(name), std::move(unit), size.mean().item<double>(),
                       size.square().mean().sqrt().item<double>(),
                       size.quantile(0.5).item<double>()};
  if (sigmas.defined()) summary.calibration = calibration_of(errors, sigmas);
  return summary;
}

std::vector<double> column_of(const at::Tensor& table, std::size_t column) {
  const at::Tensor values =
      table.select(1, static_cast<std::int64_t>(column)).to(torch::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

DataFrame prediction_table(const ImageRegressionDataset& dataset,
                           const std::vector<OutputConfig>& outputs,
                           const PredictedOutputs& predicted) {
  std::vector<std::string> filenames;
  for (std::int64_t i = 0; i < dataset.size(); ++i) filenames.push_back(dataset.row(i).filename);
  DataFrame table;
  table.add_column("filename", std::move(filenames));
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    table.add_column(outputs[k].name, column_of(predicted.outputs, k));
  }
  for (std::size_t k = 0; predicted.sigmas.defined() && k < outputs.size(); ++k) {
    const std::vector<double> sigmas = column_of(predicted.sigmas, k);
    if (!std::isnan(sigmas[0])) table.add_column(outputs[k].name + "_sigma", sigmas);
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
  std::vector<at::Tensor> deviations;
  std::vector<at::Tensor> targets;
  for (std::int64_t begin = 0; begin < dataset.size(); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, dataset.size());
    const PredictedOutputs part = predict(pixel_batch(dataset, begin, end));
    predictions.push_back(part.outputs.to(torch::kCPU));
    if (part.sigmas.defined()) deviations.push_back(part.sigmas.to(torch::kCPU));
    for (std::int64_t i = begin; i < end; ++i)
      targets.push_back(torch::tensor(dataset.input_targets(i)));
  }
  const PredictedOutputs predicted{torch::cat(predictions),
                                   deviations.empty() ? at::Tensor() : torch::cat(deviations)};
  std::vector<double> of_units;
  for (const OutputConfig& output : outputs) of_units.push_back(report_factor(output.unit));
  const at::Tensor factors = torch::tensor(of_units, torch::kDouble);
  const at::Tensor errors =
      (predicted.outputs.to(torch::kDouble) - torch::stack(targets).to(torch::kDouble)) * factors;
  const bool uncertain = predicted.sigmas.defined();
  const at::Tensor sigmas =
      uncertain ? predicted.sigmas.to(torch::kDouble) * factors : at::Tensor();
  Evaluation evaluation;
  evaluation.rows = dataset.size();
  bool same_unit = true;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const auto column = static_cast<std::int64_t>(k);
    evaluation.outputs.push_back(
        summarize_errors(outputs[k].name, report_unit(outputs[k].unit), errors.select(1, column),
                         uncertain ? sigmas.select(1, column) : at::Tensor()));
    same_unit = same_unit && evaluation.outputs[k].unit == evaluation.outputs[0].unit;
  }
  evaluation.overall =
      summarize_errors("overall", same_unit ? evaluation.outputs[0].unit : "", errors, sigmas);
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
  if (!overall.calibration) return text;
  text += fmt::format("{:<16}{:>10}{:>10}{:>10}\n", "uncertainty", "sigma", "within", "-log p");
  const auto calibration = [&](const OutputErrors& e) {
    if (!e.calibration) return;
    text +=
        fmt::format("{:<16}{:>10.4f}{:>9.1f}%{:>10.4f}  {}\n", e.name, e.calibration->sigma,
                    100 * e.calibration->within, e.calibration->negative_log_likelihood, e.unit);
  };
  for (const OutputErrors& errors : outputs) calibration(errors);
  calibration(overall);
  return text;
}

}  // namespace mobireg
