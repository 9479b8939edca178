#include "inspect/unit_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

constexpr double kHalfTurn = 3.2;    // radians, and a little for rounding
constexpr double kFullTurn = 6.4;    // radians
constexpr double kFewValues = 0.01;  // a share; below it they are outliers

double share_beyond(const std::vector<double>& values, double limit) {
  const auto beyond = std::count_if(values.begin(), values.end(),
                                    [&](double value) { return std::abs(value) > limit; });
  return static_cast<double>(beyond) / static_cast<double>(values.size());
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

UnitGuess guess_angle(const std::vector<double>& values, double widest_angle) {
  const double beyond = share_beyond(values, kHalfTurn);
  if (beyond >= kFewValues && widest_angle > kFullTurn) {
    return {Unit::kDegrees, fmt::format("{:.0f} % of the values are beyond 3.2", 100 * beyond)};
  }
  if (widest_angle <= kHalfTurn && widest_angle > 0) {
    return {Unit::kRadians,
            fmt::format("99 % of the set's angles are within {:.2g}", widest_angle)};
  }
  return {};
}

UnitGuess guess_coordinate(const std::vector<double>& values) {
  const double beyond = share_beyond(values, 2);
  if (beyond >= kFewValues) {
    return {Unit::kPixels, fmt::format("{:.0f} % of the values are beyond 2", 100 * beyond)};
  }
  return {Unit::kImage, fmt::format("values reach {:.3g}", largest(values))};
}

/// Pixels that were divided by the image's side: what was a fraction before is now next to 0.
UnitGuess guess_pixels(const std::vector<double>& fractions) {
  const double reach = largest(fractions);
  if (reach > 0.05) return {Unit::kPixels, fmt::format("they reach {:.3g} of the image", reach)};
  return {Unit::kImage,
          fmt::format("as pixels they would all lie in the first {:.2g} % of the image",
                      std::max(0.1, 100 * reach))};
}

}  // namespace

UnitGuess guess_unit(const std::vector<double>& values, Unit declared, double widest_angle) {
  if (values.empty()) return {};
  switch (declared) {
    case Unit::kRadians:
    case Unit::kDegrees:
      return guess_angle(values, widest_angle);
    case Unit::kImage:
      return guess_coordinate(values);
    case Unit::kPixels:
      return guess_pixels(values);
    case Unit::kNone:
      break;
  }
  return {};
}

bool is_full_turn(const std::vector<double>& values, Unit unit) {
  if (values.empty()) return false;
  const double half_turn = unit == Unit::kDegrees ? 180 : std::acos(-1.0);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *low >= 0 && *high > 1.05 * half_turn && *high <= 2.01 * half_turn;
}

}  // namespace mobireg
