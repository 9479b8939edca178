#pragma once

#include <string>

#include "report/judged_errors.h"

namespace mobireg {

// Charts of errors, each a figure; empty where there are no labels.

/// Mean absolute error by the true value as bars, the mean error as a line.
std::string truth_figure(const LabelPairs& pairs);

/// What was predicted, up, against what is true, across.
std::string scatter_figure(const LabelPairs& pairs);

/// A histogram of the errors.
std::string error_histogram(const LabelPairs& pairs);

}  // namespace mobireg
