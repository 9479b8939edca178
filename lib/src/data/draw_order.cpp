#include "data/draw_order.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace mobireg {

std::vector<double> balanced_weights(const std::vector<float>& values,
                                     const BalanceConfig& balance) {
  float low = std::numeric_limits<float>::infinity();
  float high = -low;
  for (const float value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto bins = static_cast<std::size_t>(balance.bins);
  const auto bin_of = [&](float value) {
    if (std::isnan(value)) return bins;
    if (high <= low) return std::size_t{0};
    const double place = (value - low) / (high - low) * static_cast<double>(bins);
    return std::min(static_cast<std::size_t>(place), bins - 1);
  };
  std::vector<double> rows(bins + 1);
  for (const float value : values) ++rows[bin_of(value)];
  std::vector<double> weights;
  for (const float value : values) {
    weights.push_back(std::pow(rows[bin_of(value)], -balance.strength));
  }
  return weights;
}

std::vector<std::int64_t> weighted_order(const std::vector<double>& weights, Random& random) {
  const auto rows = static_cast<std::int64_t>(weights.size());
  const double step =
      std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  std::vector<std::int64_t> drawn;
  const double first = random.uniform() * step;
  double reached = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    reached += weights[static_cast<std::size_t>(row)];
    while (static_cast<std::int64_t>(drawn.size()) < rows &&
           first + step * static_cast<double>(drawn.size()) < reached) {
      drawn.push_back(row);
    }
  }
  while (static_cast<std::int64_t>(drawn.size()) < rows) drawn.push_back(rows - 1);  // rounding
  std::vector<std::int64_t> order;
  for (const std::int64_t i : permutation(rows, random)) {
    order.push_back(drawn[static_cast<std::size_t>(i)]);
  }
  return order;
}

}  // namespace mobireg
