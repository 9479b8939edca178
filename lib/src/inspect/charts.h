#pragma once

#include <string>
#include <vector>

#include "mobireg/inspect/inspect.h"

namespace mobireg {

/// Round numbers (1, 2 or 5 times a power of ten apart; of angles also 15, 30, 45, 90 apart) in
/// [low, high], at most `most` of them; low < high.
std::vector<double> axis_ticks(double low, double high, int most, bool is_angle);

/// A figure: the training rows' bins as bars, those of validation and test as outlines, each in
/// percent of its own rows.
std::string histogram_figure(const Histogram& histogram);

/// A figure: the training rows' cells in five shades, by the logarithm of their counts, and the
/// other rows as points.
std::string pair_figure(const PairPlot& plot);

}  // namespace mobireg
