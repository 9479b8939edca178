#include "mobireg/training/metrics.h"

#include <torch/types.h>

#include <cmath>

#include "mobireg/config/units.h"

namespace mobireg {
namespace {

double mean_of_finite(const std::vector<double>& numbers) {
  double sum = 0;
  double count = 0;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    sum += number;
    ++count;
  }
  return sum / count;
}

}  // namespace

MetricSums::MetricSums(const std::vector<OutputConfig>& outputs) {
  std::vector<double> factors;
  for (const OutputConfig& output : outputs) factors.push_back(report_factor(output.unit));
  factors_ = torch::tensor(factors, torch::kDouble);
  sums_ = torch::zeros({2 + 3 * static_cast<std::int64_t>(factors.size())}, torch::kDouble);
}

void MetricSums::add(const at::Tensor& outputs, const Batch& batch, double loss) {
  const auto images = static_cast<double>(outputs.size(0));
  at::Tensor error = (outputs.detach().to(torch::kCPU, torch::kDouble) -
                      batch.targets.to(torch::kCPU, torch::kDouble)) *
                     factors_;
  at::Tensor labels = torch::full_like(factors_, images);
  if (batch.present.defined()) {
    const at::Tensor present = batch.present.to(torch::kDouble);
    error = error * present;
    labels = present.sum(0);
  }
  sums_ += torch::cat({torch::tensor({images, loss * images}, torch::kDouble), labels,
                       error.abs().sum(0), error.square().sum(0)});
}

void MetricSums::reset() { sums_.zero_(); }

MetricValues MetricSums::values() const {
  const auto outputs = static_cast<std::size_t>(factors_.size(0));
  const double* sums = sums_.data_ptr<double>();
  const double* labels = sums + 2;
  MetricValues values;
  values.loss = sums[1] / sums[0];
  for (std::size_t k = 0; k < outputs; ++k) {
    values.output_mae.push_back(labels[outputs + k] / labels[k]);
    values.output_mse.push_back(labels[2 * outputs + k] / labels[k]);
  }
  values.mae = mean_of_finite(values.output_mae);
  values.mse = mean_of_finite(values.output_mse);
  return values;
}

void MetricSums::set_state(const at::Tensor& state) { sums_.copy_(state); }

std::vector<std::string> metric_names(const std::vector<OutputConfig>& outputs,
                                      const std::string& prefix) {
  std::vector<std::string> names{prefix + "loss", prefix + "mae", prefix + "mse"};
  for (const OutputConfig& output : outputs) names.push_back(prefix + output.name + "_mae");
  for (const OutputConfig& output : outputs) names.push_back(prefix + output.name + "_mse");
  return names;
}

std::vector<double> metric_cells(const MetricValues& values) {
  std::vector<double> cells{values.loss, values.mae, values.mse};
  cells.insert(cells.end(), values.output_mae.begin(), values.output_mae.end());
  cells.insert(cells.end(), values.output_mse.begin(), values.output_mse.end());
  return cells;
}

}  // namespace mobireg
