#pragma once

#include <string>

#include "mobireg/page/figures.h"

namespace mobireg {

/// A figure: the training rows' bins as bars, those of validation and test as outlines, each in
/// percent of its own rows.
std::string histogram_figure(const Histogram& histogram);

/// A figure: the training rows' cells in five shades, by the logarithm of their counts, and the
/// other rows as points.
std::string pair_figure(const PairPlot& plot);

}  // namespace mobireg
