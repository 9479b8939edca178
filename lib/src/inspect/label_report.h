#pragma once

#include "inspect/row_table.h"

namespace mobireg {

// What a page says about the labels of a table.

/// One summary for each output of each set that has it.
std::vector<LabelSummary> summarize_labels(const RowTable& table);

/// One for each output; of coordinates one for all x and one for all y.
std::vector<Histogram> label_histograms(const RowTable& table);

/// The pairs of the first 5 outputs that are no coordinates, and all points in one.
std::vector<PairPlot> label_pair_plots(const RowTable& table);

/// Mean position of each point over the rows that have it, in units of the crop.
std::vector<std::pair<double, double>> mean_points(const RowTable& table);

}  // namespace mobireg
