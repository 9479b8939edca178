#include "inspect/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mobireg {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> distances_from(double centre, const std::vector<double>& values) {
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - centre));
  return distances;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(const std::vector<double>& values, double mean) {
  if (values.size() < 2) return kNan;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double robust_deviation(const std::vector<double>& sorted) {
  std::vector<double> distances = distances_from(quantile(sorted, 0.5), sorted);
  const double mean_distance = mean_of(distances);
  std::sort(distances.begin(), distances.end());
  const double median_distance = quantile(distances, 0.5);
  return median_distance > 0 ? 1.4826 * median_distance : 1.2533 * mean_distance;
}

/// At most `max_points` of the points, evenly spread.
void thin_out(std::vector<std::pair<double, double>>& points, int max_points) {
  const auto limit = static_cast<std::size_t>(max_points);
  if (points.size() <= limit) return;
  for (std::size_t i = 0; i < limit; ++i) points[i] = points[i * points.size() / limit];
  points.resize(limit);
}

}  // namespace

int bin_of(double value, double low, double high, int count) {
  if (!(value >= low && value <= high)) return -1;
  return std::min(static_cast<int>((value - low) / (high - low) * count), count - 1);
}

double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<double> sorted_present(const std::vector<double>& values) {
  std::vector<double> present;
  for (const double value : values) {
    if (!std::isnan(value)) present.push_back(value);
  }
  std::sort(present.begin(), present.end());
  return present;
}

LabelSummary summarize_values(const std::vector<double>& values) {
  const std::vector<double> sorted = sorted_present(values);
  LabelSummary summary;
  summary.present = static_cast<std::int64_t>(sorted.size());
  summary.missing = static_cast<std::int64_t>(values.size() - sorted.size());
  summary.min = summary.percentile_1 = summary.median = summary.percentile_99 = summary.max =
      summary.mean = summary.std = kNan;
  if (sorted.empty()) return summary;
  summary.min = sorted.front();
  summary.percentile_1 = quantile(sorted, 0.01);
  summary.median = quantile(sorted, 0.5);
  summary.percentile_99 = quantile(sorted, 0.99);
  summary.max = sorted.back();
  summary.mean = mean_of(sorted);
  summary.std = standard_deviation(sorted, summary.mean);
  return summary;
}

std::vector<double> robust_scores(const std::vector<double>& values) {
  std::vector<double> scores(values.size(), 0.0);
  const std::vector<double> sorted = sorted_present(values);
  if (sorted.empty()) return scores;
  const double median = quantile(sorted, 0.5);
  const double deviation = robust_deviation(sorted);
  if (!(deviation > 0)) return scores;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) scores[i] = std::abs(values[i] - median) / deviation;
  }
  return scores;
}

std::pair<double, double> chart_range(const std::vector<double>& values) {
  const std::vector<double> sorted = sorted_present(values);
  if (sorted.empty()) return {0.0, 1.0};
  const double low = quantile(sorted, 0.001);
  const double high = quantile(sorted, 0.999);
  const double margin = high > low ? 0.05 * (high - low) : std::max(0.5, 0.05 * std::abs(low));
  return {low - margin, high + margin};
}

Histogram make_histogram(const std::vector<double>& values, const std::vector<RowSplit>& splits,
                         int bins) {
  Histogram histogram;
  std::tie(histogram.low, histogram.high) = chart_range(values);
  fill_histogram(values, splits, bins, histogram);
  return histogram;
}

void fill_histogram(const std::vector<double>& values, const std::vector<RowSplit>& splits,
                    int bins, Histogram& histogram) {
  for (auto& counts : histogram.counts) counts.assign(static_cast<std::size_t>(bins), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const auto split = static_cast<std::size_t>(splits[i]);
    const int bin = bin_of(values[i], histogram.low, histogram.high, bins);
    ++histogram.rows[split];
    if (bin < 0) {
      ++histogram.beyond;
    } else {
      ++histogram.counts[split][static_cast<std::size_t>(bin)];
    }
  }
}

PairPlot make_pair_plot(const std::vector<double>& x, const std::vector<double>& y,
                        const std::vector<RowSplit>& splits, int cells, int max_points) {
  PairPlot plot;
  plot.cells = cells;
  std::tie(plot.x_low, plot.x_high) = chart_range(x);
  std::tie(plot.y_low, plot.y_high) = chart_range(y);
  fill_pair_plot(x, y, splits, max_points, plot);
  return plot;
}

void fill_pair_plot(const std::vector<double>& x, const std::vector<double>& y,
                    const std::vector<RowSplit>& splits, int max_points, PairPlot& plot) {
  plot.counts.assign(static_cast<std::size_t>(plot.cells) * static_cast<std::size_t>(plot.cells),
                     0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const int column = bin_of(x[i], plot.x_low, plot.x_high, plot.cells);
    const int row = bin_of(y[i], plot.y_low, plot.y_high, plot.cells);
    if (column < 0 || row < 0) continue;
    if (splits[i] == RowSplit::kTrain) {
      ++plot.counts[static_cast<std::size_t>(row * plot.cells + column)];
    } else {
      plot.points[static_cast<std::size_t>(splits[i])].emplace_back(x[i], y[i]);
    }
  }
  for (auto& points : plot.points) thin_out(points, max_points);
}

}  // namespace mobireg
