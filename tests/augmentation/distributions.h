#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace mobireg {

/// Kolmogorov-Smirnov: the largest difference between the values' distribution and `cdf`, times the
/// root of their number. Above 1.95 with a chance of 1 in 1000.
template <class Cdf>
double kolmogorov_smirnov(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = cdf(values[i]);
    const auto below = static_cast<double>(i);
    largest = std::max({largest, (below + 1) / n - expected, expected - below / n});
  }
  return largest * std::sqrt(n);
}

inline double uniform_cdf(double x) { return std::clamp(x, 0.0, 1.0); }

inline double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// Mean of f(value).
template <class Function>
double mean_of(const std::vector<double>& values, Function f) {
  double sum = 0;
  for (const double value : values) sum += f(value);
  return sum / static_cast<double>(values.size());
}

}  // namespace mobireg
