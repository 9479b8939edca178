#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/inspect/inspect.h"

namespace mobireg {

/// The value below which a share `q` (0 to 1) of the sorted values lies, linear between two of
/// them, as numpy.quantile. `sorted` must not be empty.
double quantile(const std::vector<double>& sorted, double q);

/// The values that are present (not NaN), sorted.
std::vector<double> sorted_present(const std::vector<double>& values);

/// Counts and numbers; names and units are left to the caller.
LabelSummary summarize_values(const std::vector<double>& values);

/// How far each value lies from the median, in robust standard deviations: 1.4826 times the median
/// absolute deviation, or, where more than half of the values are equal, 1.2533 times the mean
/// absolute deviation (both are the standard deviation of a normal distribution). 0 for missing
/// values, and where all are equal.
std::vector<double> robust_scores(const std::vector<double>& values);

/// Where charts begin and end: between the 0.1 % and 99.9 % quantiles and a twentieth more each
/// way.
std::pair<double, double> chart_range(const std::vector<double>& values);

/// Which of `count` equal bins from `low` to `high` a value is in, from 0; -1 beyond, and for NaN.
int bin_of(double value, double low, double high, int count);

/// values: one a row; NaN is left out. splits: of the rows.
Histogram make_histogram(const std::vector<double>& values, const std::vector<RowSplit>& splits,
                         int bins);

/// The same within a given range: low and high of `histogram` are kept.
void fill_histogram(const std::vector<double>& values, const std::vector<RowSplit>& splits,
                    int bins, Histogram& histogram);

/// Validation and test rows beyond `max_points` each are thinned out evenly.
PairPlot make_pair_plot(const std::vector<double>& x, const std::vector<double>& y,
                        const std::vector<RowSplit>& splits, int cells, int max_points);

/// The same within given ranges: x_low, x_high, y_low and y_high of `plot` are kept.
void fill_pair_plot(const std::vector<double>& x, const std::vector<double>& y,
                    const std::vector<RowSplit>& splits, int max_points, PairPlot& plot);

}  // namespace mobireg
