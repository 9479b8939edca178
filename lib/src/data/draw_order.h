#pragma once

#include <cstdint>
#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/core/random.h"

namespace mobireg {

/// How often each row is drawn in a pass, relative to the others, so that rare values are drawn
/// more often: (rows in its bin) ^ -strength. Rows without a value (NaN) count as a bin of their
/// own.
std::vector<double> balanced_weights(const std::vector<float>& values,
                                     const BalanceConfig& balance);

/// As many rows as there are weights, in random order, row i about weights[i] / sum * rows times:
/// that number rounded down, or one more (systematic sampling).
std::vector<std::int64_t> weighted_order(const std::vector<double>& weights, Random& random);

}  // namespace mobireg
