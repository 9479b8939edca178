#include "report/judged_errors.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "config/output_kinds.h"
#include "inspect/statistics.h"
#include "mobireg/config/units.h"
#include "page/picture.h"

namespace mobireg {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool is_coordinate(const OutputConfig& output) {
  return output.kind == OutputKind::kX || output.kind == OutputKind::kY;
}

/// A row's values in a table of (N, K) float.
std::vector<float> values_of(const at::Tensor& table, std::int64_t row) {
  const float* values = table.data_ptr<float>() + row * table.size(1);
  return {values, values + table.size(1)};
}

LabelPairs pool(const JudgedRows& judged, const std::vector<OutputConfig>& outputs,
                const std::vector<std::size_t>& pooled, std::string title) {
  const OutputConfig& first = outputs[pooled[0]];
  LabelPairs pairs{std::move(title), report_unit(first.unit), is_angle(first.unit), {}, {}};
  const double factor = report_factor(first.unit);
  const auto predicted = judged.outputs.accessor<float, 2>();
  const auto targets = judged.targets.accessor<float, 2>();
  for (std::int64_t row = 0; row < targets.size(0); ++row) {
    for (const std::size_t output : pooled) {
      const auto k = static_cast<std::int64_t>(output);
      if (!std::isfinite(targets[row][k]) || !std::isfinite(predicted[row][k])) continue;
      pairs.truth.push_back(factor * targets[row][k]);
      pairs.predicted.push_back(factor * predicted[row][k]);
    }
  }
  return pairs;
}

/// What each output's error, in its own unit, is divided by.
std::vector<double> error_scales(const JudgedRows& judged,
                                 const std::vector<OutputConfig>& outputs) {
  std::vector<double> scales;
  const bool one_unit = have_one_unit(outputs);
  const std::vector<LabelPairs> pairs = pairs_by_output(judged, outputs);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double mae = one_unit ? 1 : summarize_errors(pairs[k]).mae;
    scales.push_back((mae > 0 ? mae : 1) / report_factor(outputs[k].unit));
  }
  return scales;
}

/// Of one row. Infinite where a prediction is not finite.
double mean_error(const float* targets, const float* predicted, const std::vector<double>& scales) {
  double sum = 0, labels = 0;
  for (std::size_t k = 0; k < scales.size(); ++k) {
    if (std::isnan(targets[k])) continue;
    sum += std::abs(static_cast<double>(predicted[k]) - targets[k]) / scales[k];
    ++labels;
  }
  if (!std::isfinite(sum)) return std::numeric_limits<double>::infinity();
  return labels > 0 ? sum / labels : 0;
}

}  // namespace

std::vector<double> LabelPairs::errors() const {
  std::vector<double> errors(truth.size());
  std::transform(predicted.begin(), predicted.end(), truth.begin(), errors.begin(), std::minus<>());
  return errors;
}

std::vector<LabelPairs> pairs_by_output(const JudgedRows& judged,
                                        const std::vector<OutputConfig>& outputs) {
  std::vector<LabelPairs> all;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    all.push_back(pool(judged, outputs, {k}, outputs[k].name));
  }
  return all;
}

std::vector<LabelPairs> pairs_by_chart(const JudgedRows& judged,
                                       const std::vector<OutputConfig>& outputs) {
  std::vector<LabelPairs> all;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (!is_coordinate(outputs[k])) all.push_back(pool(judged, outputs, {k}, outputs[k].name));
  }
  const auto add_coordinates = [&](OutputKind kind, const char* title) {
    const auto pooled = outputs_of_kind(outputs, kind);
    if (!pooled.empty()) all.push_back(pool(judged, outputs, pooled, title));
  };
  add_coordinates(OutputKind::kX, "x of all points");
  add_coordinates(OutputKind::kY, "y of all points");
  return all;
}

ErrorSummary summarize_errors(const LabelPairs& pairs) {
  const std::vector<double> errors = pairs.errors();
  if (errors.empty()) return {0, kNan, kNan, kNan, kNan, kNan, kNan};
  const auto count = static_cast<double>(errors.size());
  std::vector<double> sizes;
  double squares = 0;
  for (const double error : errors) {
    sizes.push_back(std::abs(error));
    squares += error * error;
  }
  std::sort(sizes.begin(), sizes.end());
  return {static_cast<std::int64_t>(errors.size()),
          std::accumulate(sizes.begin(), sizes.end(), 0.0) / count,
          std::sqrt(squares / count),
          quantile(sizes, 0.5),
          quantile(sizes, 0.9),
          std::accumulate(errors.begin(), errors.end(), 0.0) / count,
          sizes.back()};
}

ErrorsByTruth errors_by_truth(const LabelPairs& pairs, int bins) {
  ErrorsByTruth binned;
  std::tie(binned.low, binned.high) = chart_range(pairs.truth);
  const auto size = static_cast<std::size_t>(bins);
  binned.labels.assign(size, 0);
  binned.mae.assign(size, 0);
  binned.bias.assign(size, 0);
  const std::vector<double> errors = pairs.errors();
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const int bin = bin_of(pairs.truth[i], binned.low, binned.high, bins);
    if (bin < 0) continue;
    const auto b = static_cast<std::size_t>(bin);
    ++binned.labels[b];
    binned.mae[b] += std::abs(errors[i]);
    binned.bias[b] += errors[i];
  }
  for (std::size_t b = 0; b < size; ++b) {
    const double labels = binned.labels[b] > 0 ? static_cast<double>(binned.labels[b]) : kNan;
    binned.mae[b] /= labels;
    binned.bias[b] /= labels;
  }
  return binned;
}

bool have_one_unit(const std::vector<OutputConfig>& outputs) {
  return std::all_of(outputs.begin(), outputs.end(), [&](const OutputConfig& output) {
    return std::string_view(report_unit(output.unit)) == report_unit(outputs[0].unit);
  });
}

std::vector<JudgedRow> worst_rows(const JudgedRows& judged,
                                  const std::vector<OutputConfig>& outputs, std::size_t count) {
  const std::vector<double> scales = error_scales(judged, outputs);
  const float* targets = judged.targets.data_ptr<float>();
  const float* predicted = judged.outputs.data_ptr<float>();
  std::vector<std::pair<double, std::int64_t>> errors;  // and where in `judged`
  for (std::size_t i = 0; i < judged.rows.size(); ++i) {
    errors.emplace_back(
        mean_error(targets + i * scales.size(), predicted + i * scales.size(), scales), i);
  }
  count = std::min(count, errors.size());
  std::partial_sort(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(count),
                    errors.end(), [](const auto& a, const auto& b) {
                      return a.first > b.first || (a.first == b.first && a.second < b.second);
                    });
  std::vector<JudgedRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [error, place] = errors[i];
    rows.push_back({judged.rows[static_cast<std::size_t>(place)], error,
                    values_of(judged.targets, place), values_of(judged.outputs, place)});
  }
  return rows;
}

}  // namespace mobireg
