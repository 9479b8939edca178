#include "augmentation/colour.h"

#include <algorithm>
#include <vector>

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

}  // namespace
}  // namespace mobireg
