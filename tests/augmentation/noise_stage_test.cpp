// The recipe's noise stage against imgaug's (scripts/reference/imgaug_noise.py).

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "augmentation/pixel_operations.h"
#include "fixture.h"

namespace mobireg {
namespace {

using nlohmann::json;

constexpr int kSize = 32;
constexpr std::size_t kMiddle = 3 * (kSize / 2 * kSize + kSize / 2);
constexpr std::size_t kElsewhere = 3 * (3 * kSize + 5);

std::vector<AugmentationStep> recipe() {
  PixelOperationConfig blur;
  blur.sigma = Range{0, 0.5};
  PixelOperationConfig dropout;
  dropout.name = PixelOperation::kDropout;
  dropout.p = Range{0, 0.03};
  PixelOperationConfig noise;
  noise.name = PixelOperation::kAdditiveGaussianNoise;
  noise.scale = Range{0.03 * 255, 0.03 * 255};
  PixelOperationConfig brighter;
  brighter.name = PixelOperation::kAdditiveGaussianNoise;
  brighter.loc = Range{32, 32};
  brighter.scale = Range{0.001 * 255, 0.001 * 255};
  std::vector<AugmentationStep> steps{{0.5, {blur, dropout, noise, brighter}}};
  for (PixelOperationConfig& operation : steps[0].one_of) resolve_pixel_operation(operation, "");
  return steps;
}

/// The script's image: grey, with one bright pixel.
std::vector<float> stage_image() {
  std::vector<float> pixels(std::size_t{kSize} * kSize * 3, 100.0F);
  std::fill_n(pixels.begin() + kMiddle, 3, 200.0F);
  return pixels;
}

/// Of the first channel.
std::vector<double> changes(const std::vector<float>& result) {
  const std::vector<float> start = stage_image();
  std::vector<double> change;
  for (std::size_t i = 0; i < result.size(); i += 3) {
    change.push_back(double{result[i]} - double{start[i]});
  }
  return change;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double largest(std::vector<double>::const_iterator begin, std::vector<double>::const_iterator end) {
  double result = 0;
  for (auto it = begin; it != end; ++it) result = std::max(result, std::abs(*it));
  return result;
}

/// The script's `kind_of`.
std::string kind_of(const std::vector<float>& result, const std::vector<double>& change) {
  if (std::count(result.begin(), result.end(), 0.0F) > 0) return "dropout";
  if (mean(change) > 16) return "brighter";
  if (largest(change.begin(), change.begin() + kSize) > 0.5) return "noise";
  return largest(change.begin(), change.end()) > 1e-3 ? "blur" : "unchanged";
}

struct Seen {
  std::map<std::string, double> counts;
  std::map<std::string, std::vector<double>> values;
};

void judge(const std::vector<float>& result, Seen& seen) {
  for (std::size_t i = 0; i < result.size(); i += 3) {
    if (result[i] != result[i + 1] || result[i] != result[i + 2]) FAIL("channels differ");
  }
  const std::vector<double> change = changes(result);
  const std::string kind = kind_of(result, change);
  ++seen.counts[kind];
  if (kind == "blur") seen.values["bright_pixel"].push_back(result[kMiddle]);
  if (kind == "dropout") {
    seen.values["dropped"].push_back(std::count(result.begin(), result.end(), 0.0F) / 3.0);
  }
  if (kind == "noise") {
    seen.values["noise"].push_back(change[kElsewhere / 3]);
    seen.values["noise_std"].push_back(deviation(change));
  }
  if (kind == "brighter") seen.values["brighter"].push_back(change[kElsewhere / 3]);
}

Seen run_stage(int draws) {
  const std::vector<AugmentationStep> steps = recipe();
  Seen seen;
  for (int i = 0; i < draws; ++i) {
    Random random(1, 0, static_cast<std::uint64_t>(i));
    std::vector<float> pixels = stage_image();
    apply_steps(steps, kSize, 3, random, pixels.data());
    judge(pixels, seen);
  }
  return seen;
}

/// Kolmogorov-Smirnov against a sample of `n` of which the quantiles 0, 1/100, ... 1 are known, at
/// these quantiles; above 1.95 with a chance of less than 1 in 1000.
double distance(const std::vector<double>& values, const std::vector<double>& quantiles, double n) {
  const auto count = static_cast<double>(values.size());
  double largest = 0;
  for (std::size_t k = 1; k + 1 < quantiles.size(); ++k) {
    // Between these is the sample's share up to this quantile, and between those ours: the fixture
    // has four decimals, and some values come often.
    const auto [low, high] = std::equal_range(quantiles.begin(), quantiles.end(), quantiles[k]);
    const auto first = static_cast<double>(low - quantiles.begin());
    const auto last = static_cast<double>(high - quantiles.begin());
    const auto share = [&](double limit) {
      return std::count_if(values.begin(), values.end(), [&](double v) { return v <= limit; }) /
             count;
    };
    largest = std::max({largest, (last - 1) / 100 - share(quantiles[k] + 1e-4),
                        share(quantiles[k] - 1e-4) - first / 100});
  }
  return largest * std::sqrt(count * n / (count + n));
}

TEST_CASE("the recipe's stage draws and changes as imgaug's does") {
  const json stage = read_fixture("imgaug_noise.json")["stage"];
  const auto draws = stage["draws"].get<int>();
  const Seen ours = run_stage(draws);

  // Chi-square for two samples, 4 degrees of freedom: above 18.5 with a chance of 1 in 1000.
  double chi_square = 0;
  for (const auto& [kind, count] : stage["counts"].items()) {
    const double theirs = count.get<double>();
    const double difference = theirs - ours.counts.at(kind);
    chi_square += difference * difference / (theirs + ours.counts.at(kind));
  }
  CHECK(chi_square < 18.5);

  const std::map<std::string, std::string> kind_seen{{"bright_pixel", "blur"},
                                                     {"dropped", "dropout"},
                                                     {"noise", "noise"},
                                                     {"noise_std", "noise"},
                                                     {"brighter", "brighter"}};
  REQUIRE(stage["quantiles"].size() == kind_seen.size());
  for (const auto& [name, quantiles] : stage["quantiles"].items()) {
    INFO(name);
    const auto n = stage["counts"][kind_seen.at(name)].get<double>();
    CHECK(distance(ours.values.at(name), quantiles, n) < 1.95);
  }
}

TEST_CASE("a step is done to its share of the images, each operation alike") {
  std::vector<AugmentationStep> steps = recipe();
  steps[0].probability = 0.8;
  steps[0].one_of[0].sigma = Range{0.4, 0.5};  // seen for certain, as are the other three
  steps[0].one_of[1].p = Range{0.02, 0.03};
  std::map<std::string, double> counts;
  const int draws = 20000;
  for (int i = 0; i < draws; ++i) {
    Random random(2, 0, static_cast<std::uint64_t>(i));
    std::vector<float> pixels = stage_image();
    apply_steps(steps, kSize, 3, random, pixels.data());
    ++counts[kind_of(pixels, changes(pixels))];
  }
  double chi_square = 0;
  for (const char* kind : {"unchanged", "blur", "dropout", "noise", "brighter"}) {
    const double expected = draws * 0.2;
    chi_square += std::pow(counts[kind] - expected, 2) / expected;
  }
  CHECK(chi_square < 18.5);  // 4 degrees of freedom: a chance of 1 in 1000
}

}  // namespace
}  // namespace mobireg
