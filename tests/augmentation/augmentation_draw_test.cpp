// What is drawn, against real tf.keras 2.15.1 (scripts/reference/keras_augmentation.py).

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "augmentation/distributions.h"
#include "fixture.h"
#include "mobireg/augmentation/augmentation.h"

namespace mobireg {
namespace {

using nlohmann::json;

const json& fixture() {
  static const json parsed = read_fixture("keras_augmentation.json");
  return parsed;
}

ShiftRange shift_of(const json& range) {
  if (range.is_array()) return {ShiftRange::Form::kList, range.get<std::vector<double>>()};
  return {range.is_number_integer() ? ShiftRange::Form::kWhole : ShiftRange::Form::kUniform,
          {range.get<double>()}};
}

AugmentationConfig config_of(const json& ranges) {
  AugmentationConfig config;
  config.rotation_range = ranges.value("rotation_range", 0.0);
  config.shear_range = ranges.value("shear_range", 0.0);
  config.channel_shift_range = ranges.value("channel_shift_range", 0.0);
  config.horizontal_flip = ranges.value("horizontal_flip", false);
  config.vertical_flip = ranges.value("vertical_flip", false);
  if (ranges.contains("width_shift_range")) {
    config.width_shift_range = shift_of(ranges["width_shift_range"]);
  }
  if (ranges.contains("height_shift_range")) {
    config.height_shift_range = shift_of(ranges["height_shift_range"]);
  }
  if (ranges.contains("zoom_range")) {
    config.zoom_range = {ranges["zoom_range"][0], ranges["zoom_range"][1]};
  }
  if (ranges.contains("brightness_range")) {
    config.brightness_range = ranges["brightness_range"].get<Interval>();
  }
  return config;
}

using Draws = std::map<std::string, std::vector<double>>;

/// As many draws as the fixture has, each of its own stream, by Keras's names.
Draws draw_all(const json& draws) {
  const AugmentationConfig config = config_of(draws["ranges"]);
  Draws values;
  for (std::uint64_t i = 0; i < draws["draws"].get<std::uint64_t>(); ++i) {
    Random random(1, 0, i);
    const AugmentationParameters p = draw_augmentation(config, draws["size"], random);
    values["theta"].push_back(p.rotation);
    values["tx"].push_back(p.x_shift);
    values["ty"].push_back(p.y_shift);
    values["shear"].push_back(p.shear);
    values["zx"].push_back(p.x_zoom);
    values["zy"].push_back(p.y_zoom);
    values["flip_horizontal"].push_back(p.flip_horizontal ? 1 : 0);
    values["flip_vertical"].push_back(p.flip_vertical ? 1 : 0);
    values["channel_shift_intensity"].push_back(p.channel_shift);
    values["brightness"].push_back(p.brightness);
  }
  return values;
}

double identity(double value) { return value; }

double covariance(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean_of(a, identity);
  const double mean_b = mean_of(b, identity);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size());
}

void check_shares(const std::vector<double>& values, const json& shares) {
  std::map<double, double> counts;
  for (const double value : values) counts[value] += 1;
  CHECK(counts.size() == shares.size());
  for (const auto& share : shares) {
    INFO("value " << share[0]);
    // Four standard deviations of the difference of two shares of 20,000 draws.
    CHECK(counts[share[0]] / static_cast<double>(values.size()) ==
          Approx(share[1].get<double>()).margin(0.02));
  }
}

void check_spread(const std::vector<double>& values, const json& keras) {
  const double low = keras["min"];
  const double range = keras["max"].get<double>() - low;
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  CHECK(*lowest == Approx(low).margin(0.002 * range));
  CHECK(*highest == Approx(low + range).margin(0.002 * range));
  // Four standard deviations of the difference of two such means.
  CHECK(mean_of(values, identity) == Approx(keras["mean"].get<double>()).margin(0.012 * range));
  const double deviation = std::sqrt(covariance(values, values));
  CHECK(deviation == Approx(keras["std"].get<double>()).margin(0.008 * range));
  CHECK(kolmogorov_smirnov(values, [&](double x) { return uniform_cdf((x - low) / range); }) <
        1.95);
}

TEST_CASE("drawn parameters are distributed as Keras's") {
  REQUIRE(fixture()["draws"].size() == 7);
  for (const json& draws : fixture()["draws"]) {
    const Draws values = draw_all(draws);
    for (const auto& item : draws["statistics"].items()) {
      INFO(draws["ranges"].dump() << " " << item.key());
      if (item.value().contains("shares")) {
        check_shares(values.at(item.key()), item.value()["shares"]);
      } else {
        check_spread(values.at(item.key()), item.value());
      }
    }
  }
}

TEST_CASE("parameters are drawn apart from each other") {
  for (const json& config : fixture()["draws"]) {
    const Draws draws = draw_all(config);
    for (const auto& [a, first] : draws) {
      for (const auto& [b, second] : draws) {
        const double spread = covariance(first, first) * covariance(second, second);
        if (a >= b || spread == 0) continue;
        INFO(a << " and " << b);
        CHECK(std::abs(covariance(first, second)) / std::sqrt(spread) < 0.032);
      }
    }
  }
}

TEST_CASE("ranges that are not set draw nothing") {
  Random random(1);
  const AugmentationParameters p = draw_augmentation({}, 64, random);
  CHECK(p.rotation == 0);
  CHECK(p.x_shift == 0);
  CHECK(p.y_shift == 0);
  CHECK(p.shear == 0);
  CHECK(p.x_zoom == 1);
  CHECK(p.y_zoom == 1);
  CHECK_FALSE(p.flip_horizontal);
  CHECK_FALSE(p.flip_vertical);
  CHECK(p.channel_shift == 0);
  CHECK(p.brightness == 1);
  CHECK(random.next() == Random(1).next());
}

TEST_CASE("zoom_together draws one zoom of the range for x and y") {
  AugmentationConfig config;
  config.zoom_range = {0.6, 1.2};
  config.zoom_together = true;
  double smallest = 2, largest = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Random random(9, 0, i);
    const AugmentationParameters p = draw_augmentation(config, 64, random);
    CHECK(p.x_zoom == p.y_zoom);
    smallest = std::min(smallest, p.x_zoom);
    largest = std::max(largest, p.x_zoom);
  }
  CHECK(smallest >= 0.6);
  CHECK(smallest < 0.65);
  CHECK(largest <= 1.2);
  CHECK(largest > 1.15);
}

TEST_CASE("each flip is drawn for itself alone") {
  for (const bool horizontal : {true, false}) {
    AugmentationConfig config;
    config.horizontal_flip = horizontal;
    config.vertical_flip = !horizontal;
    int flips = 0;
    for (std::uint64_t i = 0; i < 100; ++i) {
      Random random(9, 0, i);
      const AugmentationParameters p = draw_augmentation(config, 64, random);
      flips += p.flip_horizontal || p.flip_vertical ? 1 : 0;
      CHECK_FALSE((horizontal ? p.flip_vertical : p.flip_horizontal));
    }
    CHECK(flips > 30);
    CHECK(flips < 70);
  }
}

TEST_CASE("height_shift_range moves to the side and width_shift_range up and down, as in Keras") {
  AugmentationConfig config;
  config.height_shift_range = ShiftRange::uniform(0.1);
  Random random(3);
  const AugmentationParameters p = draw_augmentation(config, 64, random);
  CHECK(p.x_shift != 0);
  CHECK(p.y_shift == 0);
}

}  // namespace
}  // namespace mobireg
