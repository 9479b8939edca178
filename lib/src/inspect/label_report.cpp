#include "inspect/label_report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "config/fields.h"
#include "config/output_kinds.h"
#include "inspect/statistics.h"
#include "inspect/unit_guess.h"
#include "mobireg/config/units.h"
#include "page/picture.h"

namespace mobireg {
namespace {

constexpr int kBins = 48;
constexpr int kCells = 44;          // of a pair plot, a side
constexpr int kMaxPoints = 1000;    // of a split in a pair plot
constexpr std::size_t kPaired = 5;  // outputs

bool is_coordinate(const OutputConfig& output) {
  return output.kind == OutputKind::kX || output.kind == OutputKind::kY;
}

bool is_missing(const DataSetConfig& set, const OutputConfig& output) {
  return std::find(set.missing.begin(), set.missing.end(), output.name) != set.missing.end();
}

std::vector<RowSplit> splits_of(const RowTable& table) {
  std::vector<RowSplit> splits;
  for (const TableRow& row : table.rows) splits.push_back(row.split);
  return splits;
}

/// Within which 99 % of the values lie, either way.
double reach(std::vector<double> values) {
  if (values.empty()) return 0;
  for (double& value : values) value = std::abs(value);
  std::sort(values.begin(), values.end());
  return quantile(values, 0.99);
}

/// The largest reach of all angles of a set.
double widest_angle(const RowTable& table, int set) {
  double widest = 0;
  for (std::size_t i = 0; i < table.outputs.size(); ++i) {
    if (!is_angle(table.outputs[i].unit)) continue;
    widest = std::max(widest, reach(labels_as_written(table, set, i)));
  }
  return widest;
}

LabelSummary summarize_label(const RowTable& table, int set, std::size_t output, double widest) {
  const OutputConfig& config = table.outputs[output];
  const double factor = report_factor(config.unit);
  std::vector<double> values;
  for (const TableRow& row : table.rows) {
    if (row.set == set) values.push_back(factor * row.targets[output]);
  }
  LabelSummary summary = summarize_values(values);
  const Unit declared = declared_unit(table, set, output);
  const UnitGuess guess = guess_unit(labels_as_written(table, set, output), declared, widest);
  summary.output = config.name;
  summary.set = set;
  summary.unit = report_unit(config.unit);
  summary.declared_unit = enum_name(declared);
  if (guess.unit) summary.guessed_unit = enum_name(*guess.unit);
  summary.guess_reason = guess.reason;
  summary.is_full_turn =
      is_angle(declared) && is_full_turn(labels_as_written(table, set, output), declared);
  return summary;
}

/// The values of several outputs one after the other, each row's split beside.
struct Pooled {
  std::vector<double> values;
  std::vector<RowSplit> splits;
};

Pooled pool(const RowTable& table, const std::vector<std::size_t>& outputs) {
  Pooled pooled;
  for (const TableRow& row : table.rows) {
    for (const std::size_t output : outputs) {
      pooled.values.push_back(row.targets[output]);
      pooled.splits.push_back(row.split);
    }
  }
  return pooled;
}

void add_coordinates(const RowTable& table, OutputKind kind, const char* title,
                     std::vector<Histogram>& histograms) {
  const auto outputs = outputs_of_kind(table.outputs, kind);
  if (outputs.empty()) return;
  const Pooled pooled = pool(table, outputs);
  histograms.push_back(make_histogram(pooled.values, pooled.splits, kBins));
  histograms.back().title = title;
  histograms.back().unit = "of the image";
}

/// All points of all faces, the image's frame in the middle.
PairPlot point_plot(const RowTable& table) {
  const Pooled x = pool(table, outputs_of_kind(table.outputs, OutputKind::kX));
  const Pooled y = pool(table, outputs_of_kind(table.outputs, OutputKind::kY));
  PairPlot plot;
  plot.x_title = "x of all points";
  plot.y_title = "y of all points";
  plot.y_down = true;
  plot.cells = 70;
  plot.x_low = plot.y_low = -0.2;
  plot.x_high = plot.y_high = 1.2;
  fill_pair_plot(x.values, y.values, x.splits, 0, plot);
  plot.marks = mean_points(table);
  return plot;
}

}  // namespace

std::vector<LabelSummary> summarize_labels(const RowTable& table) {
  std::vector<LabelSummary> summaries;
  for (int set = 0; set < static_cast<int>(table.sets.size()); ++set) {
    const double widest = widest_angle(table, set);
    for (std::size_t i = 0; i < table.outputs.size(); ++i) {
      if (is_missing(table.sets[static_cast<std::size_t>(set)], table.outputs[i])) continue;
      summaries.push_back(summarize_label(table, set, i, widest));
    }
  }
  return summaries;
}

std::vector<Histogram> label_histograms(const RowTable& table) {
  const std::vector<RowSplit> splits = splits_of(table);
  std::vector<Histogram> histograms;
  for (std::size_t i = 0; i < table.outputs.size(); ++i) {
    if (is_coordinate(table.outputs[i])) continue;
    histograms.push_back(make_histogram(reported_targets(table, i), splits, kBins));
    histograms.back().title = table.outputs[i].name;
    histograms.back().unit = report_unit(table.outputs[i].unit);
  }
  add_coordinates(table, OutputKind::kX, "x of all points", histograms);
  add_coordinates(table, OutputKind::kY, "y of all points", histograms);
  return histograms;
}

std::vector<PairPlot> label_pair_plots(const RowTable& table) {
  std::vector<std::size_t> outputs;
  for (std::size_t i = 0; i < table.outputs.size() && outputs.size() < kPaired; ++i) {
    if (!is_coordinate(table.outputs[i])) outputs.push_back(i);
  }
  const std::vector<RowSplit> splits = splits_of(table);
  std::vector<PairPlot> plots;
  for (std::size_t b = 1; b < outputs.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      plots.push_back(make_pair_plot(reported_targets(table, outputs[b]),
                                     reported_targets(table, outputs[a]), splits, kCells,
                                     kMaxPoints));
      plots.back().x_title = table.outputs[outputs[b]].name;
      plots.back().y_title = table.outputs[outputs[a]].name;
      plots.back().x_is_angle = is_angle(table.outputs[outputs[b]].unit);
      plots.back().y_is_angle = is_angle(table.outputs[outputs[a]].unit);
    }
  }
  if (!mean_points(table).empty()) plots.push_back(point_plot(table));
  return plots;
}

std::vector<std::pair<double, double>> mean_points(const RowTable& table) {
  const auto xs = outputs_of_kind(table.outputs, OutputKind::kX);
  const auto ys = outputs_of_kind(table.outputs, OutputKind::kY);
  std::vector<std::pair<double, double>> means;
  for (std::size_t i = 0; i < std::min(xs.size(), ys.size()); ++i) {
    double x = 0, y = 0, count = 0;
    for (const TableRow& row : table.rows) {
      if (std::isnan(row.targets[xs[i]]) || std::isnan(row.targets[ys[i]])) continue;
      x += row.targets[xs[i]];
      y += row.targets[ys[i]];
      ++count;
    }
    means.emplace_back(x / count, y / count);
  }
  return means;
}

}  // namespace mobireg
