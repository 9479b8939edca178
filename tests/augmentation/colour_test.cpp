#include "augmentation/colour.h"

#include <algorithm>
#include <vector>

#include "mobireg/core/random.h"

namespace mobireg {
namespace {

// Keras's own results are in augmentation_test.cpp.

TEST_CASE("brightness stays within 0 and 255") {
  std::vector<float> pixels{0, 3, 102, 200};
  scale_brightness(pixels.data(), pixels.size(), 2.5);
  CHECK(pixels == std::vector<float>{0, 7, 255, 255});
  scale_brightness(pixels.data(), pixels.size(), 1e30);
  CHECK(pixels == std::vector<float>{0, 255, 255, 255});
}

TEST_CASE("brightness cuts to whole numbers before and after") {
  std::vector<float> pixels{10.9F, 99.99F, 0.5F};
  scale_brightness(pixels.data(), pixels.size(), 1.25);
  CHECK(pixels == std::vector<float>{12, 123, 0});
}

TEST_CASE("rounding beyond 0 and 255 does not stretch the image") {
  std::vector<float> pixels{-1e-5F, 100, 255.0001F};
  scale_brightness(pixels.data(), pixels.size(), 1);
  CHECK(pixels == std::vector<float>{0, 100, 255});
}

TEST_CASE("a channel shift stays between the image's extremes, whatever their place") {
  for (const std::size_t n : {1, 31, 32, 33, 100}) {
    for (const std::size_t darkest : {std::size_t{0}, n / 2, n - 1}) {
      std::vector<float> pixels(n, 200.0F);
      pixels[darkest] = 50;
      const float low = *std::min_element(pixels.begin(), pixels.end());
      const float high = *std::max_element(pixels.begin(), pixels.end());
      shift_channels(pixels.data(), n, 30);
      CHECK(pixels[darkest] == std::min(80.0F, high));
      shift_channels(pixels.data(), n, -500);
      CHECK(*std::max_element(pixels.begin(), pixels.end()) >= low);
      CHECK(*std::max_element(pixels.begin(), pixels.end()) ==
            *std::min_element(pixels.begin(), pixels.end()));
    }
  }
}

TEST_CASE("shift and brightness together are the one after the other, bit for bit") {
  Random random(3);
  const auto n = GENERATE(std::size_t{1}, std::size_t{31}, std::size_t{192}, std::size_t{1000});
  // Within 0 to 255, and beyond as a spline of order 3 leaves it.
  const auto [low, high] = GENERATE(table<double, double>({{0, 255}, {20, 200}, {-9, 263}}));
  const double shift = GENERATE(0.0, 17.3, -40.0, 1000.0);
  const double brightness = GENERATE(0.3, 1.0, 1.21, 1e30);
  std::vector<float> pixels(n);
  for (float& pixel : pixels) pixel = static_cast<float>(random.uniform(low, high));

  std::vector<float> together = pixels;
  change_colour(colour_change(pixels.data(), n, shift, brightness), together.data(), n);
  std::vector<float> apart = pixels;
  shift_channels(apart.data(), n, shift);
  scale_brightness(apart.data(), n, brightness);
  CHECK(together == apart);
}

TEST_CASE("an image beyond 0 to 255 is stretched, made brighter, and put back, as Keras does") {
  std::vector<float> pixels{-10, 40.4F, 290};  // of a range of 300: 0, 42.84, 255 when stretched
  scale_brightness(pixels.data(), pixels.size(), 1.5);
  CHECK(pixels == std::vector<float>{-10, 63.0F / 255 * 300 - 10, 290});
}

TEST_CASE("an image is stretched where it lies beyond 0 or 255 after the shift") {
  const auto stretches = [](std::vector<float> image, double shift) {
    return colour_change(image.data(), image.size(), shift, 1.0).stretches;
  };
  CHECK(stretches({-0.1F, 200}, 0));
  CHECK(stretches({0, 255.1F}, 0));
  CHECK_FALSE(stretches({-0.1F, 200}, 1));
  CHECK_FALSE(stretches({0, 255.1F}, -1));
  CHECK_FALSE(stretches({0, 250}, 100));  // it stays between the image's extremes
}

TEST_CASE("no change of colour leaves an image alone") {
  const std::vector<float> before{-3.5F, 0.25F, 300};
  std::vector<float> pixels = before;
  change_colour({}, pixels.data(), pixels.size());
  CHECK(pixels == before);
  change_colour(colour_change(pixels.data(), pixels.size(), 0, std::nullopt), pixels.data(),
                pixels.size());
  CHECK(pixels == before);
}

}  // namespace
}  // namespace mobireg
