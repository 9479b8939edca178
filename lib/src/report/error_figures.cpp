#include "report/error_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "inspect/statistics.h"
#include "page/chart_frame.h"
#include "page/charts.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

constexpr int kTruthBins = 12;
constexpr int kErrorBins = 41;  // odd: the middle one is about 0
constexpr int kMostPoints = 1200;
constexpr std::int64_t kFewLabels = 5;  // bars of fewer are pale

std::string unit_text(const LabelPairs& pairs) {
  return pairs.is_angle ? "degrees" : escape_html(pairs.unit);
}

std::vector<RowSplit> all_validation(std::size_t rows) {
  return std::vector<RowSplit>(rows, RowSplit::kValidation);
}

/// The errors' axis, 0 on it.
std::pair<double, double> error_range(const ErrorsByTruth& errors) {
  double low = 0, high = 0;
  for (std::size_t bin = 0; bin < errors.mae.size(); ++bin) {
    if (errors.labels[bin] == 0) continue;
    high = std::max(high, errors.mae[bin]);
    low = std::min(low, errors.bias[bin]);
  }
  if (high <= low) high = low + 1;
  return {low - 0.04 * (high - low), high + 0.08 * (high - low)};
}

std::string bars_svg(const ErrorsByTruth& errors, const Frame& frame) {
  const double width = (errors.high - errors.low) / static_cast<double>(errors.labels.size());
  std::string svg;
  for (std::size_t bin = 0; bin < errors.labels.size(); ++bin) {
    if (errors.labels[bin] == 0) continue;
    const double low = errors.low + width * static_cast<double>(bin);
    svg += fmt::format(
        "<path class=\"bars{}\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}V{:.1f}z\"><title>true {} to {}: "
        "MAE "
        "{}, mean error {}, {}</title></path>",
        errors.labels[bin] < kFewLabels ? " few" : "", frame.x(low) + 0.6, frame.y(0),
        frame.y(errors.mae[bin]), frame.x(low + width) - 0.6, frame.y(0), short_number(low),
        short_number(low + width), short_number(errors.mae[bin]), short_number(errors.bias[bin]),
        counted(errors.labels[bin], "label"));
  }
  return svg;
}

std::string bias_svg(const ErrorsByTruth& errors, const Frame& frame) {
  const double width = (errors.high - errors.low) / static_cast<double>(errors.labels.size());
  std::string path;
  for (std::size_t bin = 0; bin < errors.labels.size(); ++bin) {
    if (errors.labels[bin] == 0) continue;
    const double middle = errors.low + width * (static_cast<double>(bin) + 0.5);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', frame.x(middle),
                        frame.y(errors.bias[bin]));
  }
  return fmt::format("<path class=\"line\" style=\"stroke:var(--test)\" d=\"{}\"/>", path);
}

}  // namespace

std::string truth_figure(const LabelPairs& pairs) {
  if (pairs.truth.empty()) return "";
  const ErrorsByTruth errors = errors_by_truth(pairs, kTruthBins);
  const auto [low, high] = error_range(errors);
  const Frame frame{38, 8, 312, 162, errors.low, errors.high, low, high};
  const std::string title = escape_html(pairs.title);
  return fmt::format(
      "<figure><figcaption><b>{0}</b> error by the true value, {1}</figcaption><p class=\"key\">"
      "<span><i style=\"background:var(--validation)\"></i>MAE</span><span><i style=\"background:"
      "var(--test)\"></i>mean error</span></p><svg class=\"chart validation\" viewBox=\"0 0 320 "
      "180\" role=\"img\" aria-label=\"Error of {0} by its true value\">{2}{3}{4}{5}"
      "<path class=\"base\" d=\"M{6:.1f} {7:.1f}H{8:.1f}\"/></svg></figure>",
      title, unit_text(pairs), x_axis(frame, pairs.is_angle), y_axis(frame, false),
      bars_svg(errors, frame), bias_svg(errors, frame), frame.left, frame.y(0), frame.right);
}

std::string scatter_figure(const LabelPairs& pairs) {
  if (pairs.truth.empty()) return "";
  PairPlot plot;
  std::vector<double> both = pairs.truth;
  both.insert(both.end(), pairs.predicted.begin(), pairs.predicted.end());
  std::tie(plot.x_low, plot.x_high) = chart_range(both);
  plot.y_low = plot.x_low;
  plot.y_high = plot.x_high;
  plot.x_title = "true " + pairs.title;
  plot.y_title = "predicted";
  plot.x_is_angle = plot.y_is_angle = pairs.is_angle;
  plot.diagonal = true;
  plot.cells = 1;  // there are no training rows to count
  fill_pair_plot(pairs.truth, pairs.predicted, all_validation(pairs.truth.size()), kMostPoints,
                 plot);
  return pair_figure(plot);
}

std::string error_histogram(const LabelPairs& pairs) {
  if (pairs.truth.empty()) return "";
  const std::vector<double> errors = pairs.errors();
  const auto [low, high] = chart_range(errors);
  const double reach = std::max(std::abs(low), std::abs(high));
  Histogram histogram;
  histogram.low = -reach;
  histogram.high = reach;
  fill_histogram(errors, all_validation(errors.size()), kErrorBins, histogram);
  histogram.title = "Errors of " + pairs.title;
  histogram.unit = pairs.unit;
  return histogram_figure(histogram);
}

}  // namespace mobireg
