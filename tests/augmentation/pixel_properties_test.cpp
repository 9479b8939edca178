#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

#include "augmentation/colour_operations.h"
#include "augmentation/distributions.h"
#include "augmentation/jpeg_compression.h"
#include "augmentation/noise_operations.h"
#include "augmentation/pixel_operations.h"
#include "augmentation/pixel_view.h"
#include "config/fields.h"

namespace mobireg {
namespace {

using Pixels = std::vector<float>;

PixelView view_of(Pixels& pixels, int size, int channels) {
  return {size, channels, pixels.data()};
}

Pixels random_pixels(int size, int channels) {
  Random random(5);
  Pixels pixels(static_cast<std::size_t>(size * size * channels));
  for (float& value : pixels) value = static_cast<float>(random.uniform(0, 255));
  return pixels;
}

PixelOperationConfig operation(PixelOperation name) {
  PixelOperationConfig config;
  config.name = name;
  resolve_pixel_operation(config, "");
  return config;
}

PixelOperationConfig noise(double loc, double scale) {
  PixelOperationConfig config = operation(PixelOperation::kAdditiveGaussianNoise);
  config.loc = Range{loc, loc};
  config.scale = Range{scale, scale};
  return config;
}

PixelOperationConfig dropping(double p) {
  PixelOperationConfig config = operation(PixelOperation::kDropout);
  config.p = Range{p, p};
  return config;
}

Pixels after(const std::vector<AugmentationStep>& steps, Pixels pixels, int size, int channels,
             Random random = Random(1)) {
  apply_steps(steps, size, channels, random, pixels.data());
  return pixels;
}

/// The rectangle in which two images differ.
struct Difference {
  int top = 1 << 20;
  int left = 1 << 20;
  int bottom = -1;
  int right = -1;

  int rows() const { return bottom - top + 1; }
  int columns() const { return right - left + 1; }
};

Difference difference(const Pixels& a, const Pixels& b, int size, int channels) {
  Difference d;
  for (int i = 0; i < size * size * channels; ++i) {
    if (a[static_cast<std::size_t>(i)] == b[static_cast<std::size_t>(i)]) continue;
    const int y = i / channels / size;
    const int x = i / channels % size;
    d.top = std::min(d.top, y);
    d.left = std::min(d.left, x);
    d.bottom = std::max(d.bottom, y);
    d.right = std::max(d.right, x);
  }
  return d;
}

TEST_CASE("every operation, at any size and colour mode, is a function of its random numbers") {
  for (const auto& [name, text] : EnumNames<PixelOperation>::list) {
    for (const int size : {32, 33, 47}) {
      for (const int channels : {1, 3}) {
        INFO(text << " " << size << " " << channels);
        const std::vector<AugmentationStep> steps{{1.0, {operation(name)}}};
        const Pixels start = random_pixels(size, channels);
        const Pixels first = after(steps, start, size, channels, Random(1));
        CHECK(first == after(steps, start, size, channels, Random(1)));
        // Grey is drawn no number for, and colour is not there to change.
        const bool colour = name == PixelOperation::kHue || name == PixelOperation::kSaturation ||
                            name == PixelOperation::kGrayscale;
        if (colour && channels == 1) CHECK(first == start);
        if (name != PixelOperation::kGrayscale && (!colour || channels == 3)) {
          CHECK(first != after(steps, start, size, channels, Random(2)));
        }
        for (const float value : first) REQUIRE(std::abs(value) < 400);  // false for NaN
      }
    }
  }
}

TEST_CASE("steps follow each other in their order") {
  const AugmentationStep drop{1.0, {dropping(1)}};
  const AugmentationStep brighten{1.0, {noise(7, 0)}};
  const Pixels start = random_pixels(32, 3);
  CHECK(after({drop, brighten}, start, 32, 3) == Pixels(start.size(), 7.0F));
  CHECK(after({brighten, drop}, start, 32, 3) == Pixels(start.size(), 0.0F));
}

TEST_CASE("a step of probability 0 is never done, one of probability 1 always") {
  const Pixels start = random_pixels(32, 1);
  for (std::uint64_t i = 0; i < 100; ++i) {
    CHECK(after({{0.0, {dropping(1)}}}, start, 32, 1, Random(i)) == start);
    CHECK(after({{1.0, {dropping(1)}}}, start, 32, 1, Random(i)) != start);
  }
}

TEST_CASE("parameters are drawn uniformly from their range") {
  PixelOperationConfig brighten = noise(0, 0);
  brighten.loc = Range{-10, 30};
  std::vector<double> drawn;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    drawn.push_back(after({{1.0, {brighten}}}, {0}, 1, 1, Random(1, 0, i))[0]);
  }
  CHECK(kolmogorov_smirnov(drawn, [](double x) { return uniform_cdf((x + 10) / 40); }) < 1.95);
}

TEST_CASE("noise and dropout are shared by the channels unless drawn for each apart") {
  const int size = 33;
  const std::size_t pixels = std::size_t{size} * size;
  for (PixelOperationConfig config : {noise(100, 20), dropping(0.5)}) {
    for (const bool per_channel : {false, true}) {
      config.per_channel = per_channel;
      const Pixels result = after({{1.0, {config}}}, Pixels(pixels * 3, 50.0F), size, 3);
      std::size_t equal = 0;
      for (std::size_t i = 0; i < result.size(); i += 3) {
        equal += result[i] == result[i + 1] && result[i] == result[i + 2];
      }
      if (per_channel) {
        CHECK(equal < pixels / 2);  // dropout: a quarter by chance
      } else {
        CHECK(equal == pixels);
      }
    }
  }
}

TEST_CASE("noise is added as it is, below 0 and above 255 too") {
  const Pixels result = after({{1.0, {noise(0, 20)}}}, Pixels(32 * 32 * 3, 255.0F), 32, 3);
  CHECK(*std::max_element(result.begin(), result.end()) > 275);
  const Pixels dark = after({{1.0, {noise(-40, 20)}}}, Pixels(32 * 32, 0.0F), 32, 1);
  CHECK(*std::min_element(dark.begin(), dark.end()) < -60);
}

TEST_CASE("dropout drops the share that it is told, and keeps the rest as it is") {
  const int size = 64;
  Pixels pixels = random_pixels(size, 1);
  const Pixels start = pixels;
  Random random(3);
  dropout(view_of(pixels, size, 1), 0.3, false, random);
  double dropped = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    dropped += pixels[i] == 0;
    REQUIRE((pixels[i] == 0 || pixels[i] == start[i]));
  }
  const double n = size * size;
  CHECK(std::abs(dropped - 0.3 * n) < 4.5 * std::sqrt(n * 0.3 * 0.7));
  pixels = start;
  dropout(view_of(pixels, size, 1), 0, false, random);
  CHECK(pixels == start);
}

TEST_CASE("an erased rectangle has the area and the aspect asked for, anywhere in the image") {
  const int size = 64;
  const Pixels start(std::size_t{size} * size * 3, -1.0F);
  std::set<std::pair<int, int>> places;
  double brightest = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Pixels pixels = start;
    Random random(1, 0, i);
    REQUIRE(erase_rectangle(view_of(pixels, size, 3), 0.1, 2.5, random));
    const Difference d = difference(pixels, start, size, 3);
    CHECK(d.rows() == 32);     // 64 sqrt(0.1 * 2.5)
    CHECK(d.columns() == 13);  // 64 sqrt(0.1 / 2.5) = 12.8
    places.insert({d.top, d.left});
    brightest = std::max<double>(brightest, *std::max_element(pixels.begin(), pixels.end()));
    // The erased values and no others: uniform in [0, 255), each channel its own.
    std::vector<double> values;
    for (const float value : pixels) {
      if (value != -1) values.push_back(value / 255);
    }
    REQUIRE(values.size() == std::size_t{32} * 13 * 3);
    CHECK(kolmogorov_smirnov(values, uniform_cdf) < 2.6);  // of 200: 1 in 4000 each
  }
  CHECK(brightest > 254.9);
  CHECK(places.size() > 170);  // of 33 * 52
  CHECK(places.begin()->first == 0);
  CHECK(places.rbegin()->first == 32);
}

TEST_CASE("a rectangle larger than the image is not erased") {
  Pixels pixels = random_pixels(32, 3);
  const Pixels start = pixels;
  Random random(1);
  CHECK_FALSE(erase_rectangle(view_of(pixels, 32, 3), 0.5, 2.2, random));
  CHECK_FALSE(erase_rectangle(view_of(pixels, 32, 3), 0.5, 0.45, random));
  CHECK(pixels == start);
  CHECK(erase_rectangle(view_of(pixels, 32, 3), 1, 1, random));
  // Drawn again until it fits.
  PixelOperationConfig erasing = operation(PixelOperation::kRandomErasing);
  erasing.area = Range{0.5, 0.5};
  erasing.aspect = Range{1, 4};  // one in three fits
  int erased = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    erased += after({{1.0, {erasing}}}, start, 32, 3, Random(1, 0, i)) != start;
  }
  CHECK(erased >= 95);  // 98 expected
}

TEST_CASE("turning the hue keeps grey and brightness, and goes from red to green") {
  Pixels grey(std::size_t{32} * 32 * 3, 90.0F);
  turn_hue(view_of(grey, 32, 3), 77);
  for (const float value : grey) REQUIRE(value == Approx(90).margin(1e-3));

  Pixels colour{120, 100, 90};
  turn_hue(view_of(colour, 1, 3), 40);
  CHECK(0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] == Approx(104.84).margin(1e-3));
  turn_hue(view_of(colour, 1, 3), -40);
  CHECK(colour[0] == Approx(120).margin(1e-3));
  CHECK(colour[1] == Approx(100).margin(1e-3));
  CHECK(colour[2] == Approx(90).margin(1e-3));

  Pixels red{120, 90, 90};
  turn_hue(view_of(red, 1, 3), 120);
  CHECK(red[1] > red[0] + 10);
  CHECK(red[1] > red[2] + 10);
}

TEST_CASE("JPEG compression takes pixels clipped and rounded") {
  const auto [value, expected] = GENERATE(
      table<float, float>({{100.6F, 101.0F}, {100.4F, 100.0F}, {-30.0F, 0.0F}, {300.0F, 255.0F}}));
  Pixels pixels(std::size_t{33} * 33 * 3, value);
  jpeg_compression(view_of(pixels, 33, 3), 100);
  CHECK(pixels == Pixels(pixels.size(), expected));
}

TEST_CASE("operations on the colour are clipped to 0 to 255") {
  const Pixels start{300, -20, 128};
  for (int i = 0; i < 4; ++i) {
    Pixels pixels = start;
    const PixelView image = view_of(pixels, 1, 3);
    if (i == 0) gamma_correction(image, 0.5);
    if (i == 1) change_contrast(image, 3);
    if (i == 2) change_saturation(image, 3);
    if (i == 3) turn_hue(image, 5);
    CHECK(pixels[0] == 255);
    CHECK(pixels[1] == 0);
  }
}

}  // namespace
}  // namespace mobireg
