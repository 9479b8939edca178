// Operations with given parameters against the packages that they come from
// (scripts/reference/imgaug_noise.py).

#include "augmentation/pixel_operations.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "augmentation/blur.h"
#include "augmentation/colour_operations.h"
#include "augmentation/jpeg_compression.h"
#include "augmentation/pixel_view.h"
#include "fixture.h"
#include "hashed_tensors.h"

namespace mobireg {
namespace {

using nlohmann::json;

const json& fixture() {
  static const json parsed = read_fixture("imgaug_noise.json");
  return parsed;
}

std::vector<float> hashed_pixels(int size, int channels) {
  const std::string name = "pixels." + std::to_string(size) + "." + std::to_string(channels);
  std::vector<float> pixels;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(size * size * channels); ++i) {
    pixels.push_back(static_cast<float>(hashed_bits(name, i) >> 56));
  }
  return pixels;
}

void apply(const json& test, const PixelView& image) {
  const auto value = [&](const char* name) { return test["parameters"][name].get<double>(); };
  const std::string name = test["name"];
  if (name == "gaussian_blur") return gaussian_blur(image, value("sigma"));
  if (name == "motion_blur") return motion_blur(image, value("length"), value("angle"));
  if (name == "downscale") return downscale(image, value("factor"));
  if (name == "jpeg_compression") return jpeg_compression(image, int(value("quality")));
  if (name == "gamma") return gamma_correction(image, value("gamma"));
  if (name == "contrast") return change_contrast(image, value("factor"));
  if (name == "saturation") return change_saturation(image, value("factor"));
  if (name == "hue") return turn_hue(image, value("degrees"));
  if (name == "grayscale") return grayscale(image, value("amount"));
  FAIL("no operation " << name);
}

/// What rounding allows. Pillow works in whole numbers: it cuts off the fraction of a blend, and
/// `contrast` takes a rounded mean, `saturation` and `grayscale` a rounded grey. JPEG's decoders
/// may round either way. The others compute as we do; the fixture has three decimals.
double tolerance(const std::string& name) {
  static const std::map<std::string, double> whole_numbers{
      {"contrast", 1.5}, {"saturation", 1.5}, {"grayscale", 0.501}, {"jpeg_compression", 1}};
  const auto found = whole_numbers.find(name);
  return found == whole_numbers.end() ? 1e-3 : found->second;
}

TEST_CASE("given parameters give the pixels of imgaug, Pillow, scikit-image and scipy") {
  const auto stride = fixture()["stride"].get<std::size_t>();
  REQUIRE(fixture()["cases"].size() >= 35);
  for (const json& test : fixture()["cases"]) {
    INFO(test["name"] << " " << test["parameters"].dump());
    std::vector<float> pixels = hashed_pixels(test["size"], test["channels"]);
    apply(test, {test["size"], test["channels"], pixels.data()});
    const auto expected = test["values"].get<std::vector<double>>();
    REQUIRE(expected.size() == (pixels.size() + stride - 1) / stride);
    double largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(pixels[i * stride] - expected[i]));
    }
    CHECK(largest <= tolerance(test["name"]));
  }
}

}  // namespace
}  // namespace mobireg
