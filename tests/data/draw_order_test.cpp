#include "data/draw_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace mobireg {
namespace {

/// 90 values near 0 and 10 near 1.
std::vector<float> skewed() {
  std::vector<float> values;
  for (int i = 0; i < 90; ++i) values.push_back(0.001F * static_cast<float>(i));
  for (int i = 0; i < 10; ++i) values.push_back(1 - 0.001F * static_cast<float>(i));
  return values;
}

std::vector<int> counts_of(const std::vector<std::int64_t>& order, std::size_t rows) {
  std::vector<int> counts(rows);
  for (const std::int64_t row : order) ++counts[static_cast<std::size_t>(row)];
  return counts;
}

TEST_CASE("at strength 1 every bin is drawn as often as any other, at 0 every row") {
  const auto values = skewed();
  const auto rare_share = [&](double strength) {
    const auto weights = balanced_weights(values, {"yaw", 2, strength});
    Random random(1);
    const auto order = weighted_order(weights, random);
    REQUIRE(order.size() == values.size());
    return std::count_if(order.begin(), order.end(), [](std::int64_t row) { return row >= 90; });
  };
  CHECK(rare_share(1) == 50);
  CHECK(rare_share(0) == 10);
  CHECK(rare_share(0.5) == Approx(25).margin(1));  // sqrt(10) to sqrt(90)
}

TEST_CASE("a row is drawn its expected number of times, rounded down or up") {
  const auto weights = balanced_weights(skewed(), {"yaw", 2, 1.0});
  Random random(7);
  const auto counts = counts_of(weighted_order(weights, random), weights.size());
  for (std::size_t row = 0; row < 90; ++row) CHECK(counts[row] <= 1);  // 50 / 90
  for (std::size_t row = 90; row < 100; ++row) CHECK(counts[row] == 5);
}

TEST_CASE("over many passes every row comes up, and the order is a function of the random stream") {
  const auto weights = balanced_weights(skewed(), {"yaw", 5, 1.0});
  std::vector<int> total(weights.size());
  for (std::uint32_t pass = 0; pass < 40; ++pass) {
    Random random(3, pass);
    Random again(3, pass);
    const auto order = weighted_order(weights, random);
    CHECK(order == weighted_order(weights, again));
    CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
    const auto counts = counts_of(order, weights.size());
    for (std::size_t row = 0; row < total.size(); ++row) total[row] += counts[row];
  }
  CHECK(*std::min_element(total.begin(), total.end()) > 10);  // 22 expected
}

TEST_CASE("rows without a value are a bin of their own, and equal values are one bin") {
  const auto weights = balanced_weights({1, 1, NAN, 1}, {"yaw", 10, 1.0});
  CHECK(weights[0] == Approx(1.0 / 3));
  CHECK(weights[2] == 1);
}

}  // namespace
}  // namespace mobireg
