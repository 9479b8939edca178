// Augmentation against real tf.keras 2.15.1 (scripts/reference/keras_augmentation.py).

#include "mobireg/data/augmentation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fixture.h"
#include "hashed_tensors.h"

namespace mobireg {
namespace {

using nlohmann::json;

const json& fixture() {
  static const json parsed = read_fixture("keras_augmentation.json");
  return parsed;
}

Image hashed_image(const std::string& name, int size, int channels) {
  Image image{size, size, channels, {}};
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(size * size * channels); ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(hashed_bits(name, i) >> 56));
  }
  return image;
}

AugmentationParameters parameters_of(const json& keras) {
  AugmentationParameters parameters;
  parameters.rotation = keras.value("theta", 0.0);
  parameters.x_shift = keras.value("tx", 0.0);
  parameters.y_shift = keras.value("ty", 0.0);
  parameters.shear = keras.value("shear", 0.0);
  parameters.x_zoom = keras.value("zx", 1.0);
  parameters.y_zoom = keras.value("zy", 1.0);
  parameters.brightness = keras.value("brightness", 1.0);
  return parameters;
}

/// What brightness makes of a pixel: Keras cuts to whole numbers first, so where interpolation ends
/// within rounding error of one, either neighbour is right.
bool agrees(float ours, float keras, float before_brightness, const AugmentationParameters& p) {
  if (std::abs(ours - keras) <= 1e-3F) return true;
  const bool at_a_step = std::abs(before_brightness - std::round(before_brightness)) <= 1e-3F;
  return p.brightness != 1 && at_a_step && std::abs(ours - keras) <= std::ceil(p.brightness);
}

TEST_CASE("every transform gives Keras's pixels") {
  const json& transforms = fixture()["transforms"];
  REQUIRE(transforms.size() >= 20);
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const json& transform = transforms[i];
    INFO(transform["parameters"].dump());
    const Image image = hashed_image("augmentation." + std::to_string(i), transform["shape"][0],
                                     transform["shape"][2]);
    const AugmentationParameters parameters = parameters_of(transform["parameters"]);
    AugmentationParameters geometry = parameters;
    geometry.brightness = 1;
    const std::vector<float> moved = augment(image, geometry);
    const std::vector<float> ours = augment(image, parameters);
    const auto keras = transform["pixels"].get<std::vector<float>>();
    REQUIRE(ours.size() == keras.size());
    std::size_t equal = 0;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      CHECK(agrees(ours[k], keras[k], moved[k], parameters));
      equal += std::abs(ours[k] - keras[k]) <= 1e-3F;
    }
    CHECK(equal >= ours.size() * 98 / 100);
  }
}

TEST_CASE("parameters that do nothing leave the pixels as they are") {
  const Image image = hashed_image("still", 8, 3);
  CHECK(augment(image, {}) == std::vector<float>(image.pixels.begin(), image.pixels.end()));
}

TEST_CASE("brightness stays within 0 and 255") {
  AugmentationParameters parameters;
  parameters.brightness = 2.5;
  const std::vector<float> pixels = augment({1, 4, 1, {0, 3, 102, 200}}, parameters);
  CHECK(pixels == std::vector<float>{0, 7, 255, 255});
}

using Draws = std::map<std::string, std::vector<double>>;

AugmentationConfig config_of(const json& ranges) {
  AugmentationConfig config;
  config.rotation_range = ranges["rotation_range"];
  config.width_shift_range = ranges["width_shift_range"];
  config.height_shift_range = ranges["height_shift_range"];
  config.shear_range = ranges["shear_range"];
  config.zoom_range = ranges["zoom_range"].get<Interval>();
  config.brightness_range = ranges["brightness_range"].get<Interval>();
  return config;
}

/// As many draws as the fixture has, each of its own stream, by Keras's names.
Draws draw_all() {
  const json& draws = fixture()["draws"];
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
    values["brightness"].push_back(p.brightness);
  }
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double covariance(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean_of(a);
  const double mean_b = mean_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size());
}

TEST_CASE("drawn parameters have the range, mean and spread of Keras's") {
  const Draws draws = draw_all();
  for (const auto& item : fixture()["draws"]["statistics"].items()) {
    INFO(item.key());
    const json& keras = item.value();
    const std::vector<double>& values = draws.at(item.key());
    const double range = keras["max"].get<double>() - keras["min"].get<double>();
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    CHECK(*low == Approx(keras["min"].get<double>()).margin(0.002 * range));
    CHECK(*high == Approx(keras["max"].get<double>()).margin(0.002 * range));
    // Four standard deviations of the difference of two such means.
    CHECK(mean_of(values) == Approx(keras["mean"].get<double>()).margin(0.012 * range));
    const double deviation = std::sqrt(covariance(values, values));
    CHECK(deviation == Approx(keras["std"].get<double>()).margin(0.008 * range));
  }
}

TEST_CASE("drawn parameters are spread evenly over their range") {
  constexpr double kBins = 20;
  for (const auto& [name, values] : draw_all()) {
    INFO(name);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    std::vector<double> counts(static_cast<std::size_t>(kBins));
    for (const double value : values) {
      const double bin = std::min(kBins - 1, (value - *low) / (*high - *low) * kBins);
      counts[static_cast<std::size_t>(bin)] += 1;
    }
    double chi_square = 0;
    const double expected = static_cast<double>(values.size()) / kBins;
    for (const double count : counts) {
      chi_square += (count - expected) * (count - expected) / expected;
    }
    CHECK(chi_square < 50);  // of 19 degrees of freedom: once in 10,000
    CHECK(chi_square > 3);
  }
}

TEST_CASE("parameters are drawn apart from each other") {
  const Draws draws = draw_all();
  for (const auto& [a, first] : draws) {
    for (const auto& [b, second] : draws) {
      if (a >= b) continue;
      INFO(a << " and " << b);
      const double spread = covariance(first, first) * covariance(second, second);
      CHECK(std::abs(covariance(first, second)) / std::sqrt(spread) < 0.032);
    }
  }
}

TEST_CASE("ranges of zero draw nothing") {
  Random random(1);
  const AugmentationParameters p = draw_augmentation({}, 64, random);
  CHECK(p.rotation == 0);
  CHECK(p.x_shift == 0);
  CHECK(p.y_shift == 0);
  CHECK(p.shear == 0);
  CHECK(p.x_zoom == 1);
  CHECK(p.y_zoom == 1);
  CHECK(p.brightness == 1);
}

}  // namespace
}  // namespace mobireg
