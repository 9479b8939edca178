#include "image/image_resize.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "mobireg/core/random.h"

namespace mobireg {
namespace {

Image random_image(int width, int height, int channels) {
  Image image{height, width, channels, {}};
  image.pixels.resize(image.view().size());
  Random random(7);
  for (std::uint8_t& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random.next());
  return image;
}

cv::Mat as_mat(Image& image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels), image.pixels.data());
}

Image as_image(const cv::Mat& mat) {
  return {mat.rows, mat.cols, mat.channels(), {mat.datastart, mat.dataend}};
}

int largest_difference(const Image& a, const Image& b) {
  REQUIRE(a.pixels.size() == b.pixels.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

Interpolation any_interpolation() {
  return GENERATE(Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kArea);
}

TEST_CASE("the crop of the whole of a square image is its resize") {
  const Interpolation interpolation = any_interpolation();
  const int channels = GENERATE(1, 3);
  const int side = GENERATE(20, 32, 75, 100);
  const Image image = random_image(side, side, channels);
  const CropSquare whole{0, 0, static_cast<double>(side)};
  const Image crop = crop_image(image.view(), whole, 32, interpolation);
  CHECK(crop.width == 32);
  CHECK(crop.height == 32);
  CHECK(crop.channels == channels);
  CHECK(crop.pixels == resize_image(image.view(), 32, interpolation).pixels);
}

TEST_CASE("the whole of a square image is not a special case of a crop") {
  const Interpolation interpolation = any_interpolation();
  const int side = GENERATE(20, 75, 100);
  const Image image = random_image(side, side, 3);
  const CropSquare nearly{1e-9, 1e-9, static_cast<double>(side)};
  // OpenCV computes with integers: one level of rounding.
  CHECK(largest_difference(crop_image(image.view(), nearly, 32, interpolation),
                           resize_image(image.view(), 32, interpolation)) <= 1);
}

TEST_CASE("a crop shows its part of the image") {
  const Interpolation interpolation = any_interpolation();
  const int side = GENERATE(64, 75);  // shrunk, so that no pixel needs those beside the part
  Image image = random_image(120, 100, 3);
  const cv::Mat part = as_mat(image)({31, 17, side, side}).clone();
  const CropSquare square{31, 17, static_cast<double>(side)};
  CHECK(largest_difference(crop_image(image.view(), square, 32, interpolation),
                           resize_image(as_image(part).view(), 32, interpolation)) <= 1);
}

TEST_CASE("a nearest crop takes the pixel under each centre") {
  Image image{8, 8, 1, {}};
  for (int i = 0; i < 64; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i));
  const auto crop = [&](double left, double top, double side) {
    return crop_image(image.view(), {left, top, side}, 2, Interpolation::kNearest).pixels;
  };
  using Pixels = std::vector<std::uint8_t>;
  CHECK(crop(1, 2, 2) == Pixels{17, 18, 25, 26});
  CHECK(crop(1.49, 2, 2) == Pixels{17, 18, 25, 26});
  CHECK(crop(1.5, 2, 2) == Pixels{18, 19, 26, 27});
  CHECK(crop(2, 2, 1) == Pixels{18, 18, 18, 18});
  CHECK(crop(-4, -4, 8) == Pixels{0, 2, 16, 18});
  CHECK(crop(6, 6, 4) == Pixels{63, 63, 63, 63});
}

TEST_CASE("a crop is exact to a fraction of a pixel") {
  const Interpolation interpolation = GENERATE(Interpolation::kBilinear, Interpolation::kArea);
  const double side = GENERATE(10.0, 21.4, 40.25);
  const double left = GENERATE(5.0, 5.3, 7.77);
  Image ramp{60, 60, 1, {}};
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 60; ++x) ramp.pixels.push_back(static_cast<std::uint8_t>(3 * x + y));
  }
  const Image crop = crop_image(ramp.view(), {left, 9.1, side}, 16, interpolation);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      const double expected =
          3 * (left + (x + 0.5) * side / 16 - 0.5) + (9.1 + (y + 0.5) * side / 16 - 0.5);
      const double pixel = crop.pixels[static_cast<std::size_t>(y * 16 + x)];
      // Rounding; and area weighs the pixels at its edges as if each were of one colour.
      const double tolerance = interpolation == Interpolation::kArea ? 0.5 + 3 * 0.25 : 0.501;
      REQUIRE(std::abs(pixel - expected) <= tolerance);
    }
  }
}

TEST_CASE("an area crop averages what a pixel covers") {
  Image stripes{64, 64, 1, {}};
  for (int i = 0; i < 64 * 64; ++i) stripes.pixels.push_back(i % 2 == 0 ? 0 : 200);
  const auto crop = [&](double left, double side) {
    return crop_image(stripes.view(), {left, 3, side}, 4, Interpolation::kArea).pixels;
  };
  CHECK(crop(2, 16) == std::vector<std::uint8_t>(16, 100));
  CHECK(crop(2.5, 16) == std::vector<std::uint8_t>(16, 100));
  CHECK(crop(2, 12)[0] == 67);     // columns 2, 3, 4
  CHECK(crop(2.25, 12)[0] == 83);  // three quarters of 2, all of 3 and 4, a quarter of 5
  CHECK(crop(2.75, 12)[0] == 117);
  // Bilinear takes the two pixels at each centre alone.
  CHECK(crop_image(stripes.view(), {2, 3, 12}, 4, Interpolation::kBilinear).pixels[0] == 200);
}

TEST_CASE("where a crop leaves the image, the border is repeated") {
  const Interpolation interpolation = any_interpolation();
  const CropSquare square = GENERATE(CropSquare{-7.3, -12.6, 30}, CropSquare{11.2, 9.9, 70.5},
                                     CropSquare{-30, -20, 90}, CropSquare{-5, 3, 8});
  Image image = random_image(40, 30, 3);
  cv::Mat padded;
  cv::copyMakeBorder(as_mat(image), padded, 100, 100, 100, 100, cv::BORDER_REPLICATE);
  const CropSquare moved{square.left + 100, square.top + 100, square.side};
  CHECK(largest_difference(crop_image(image.view(), square, 32, interpolation),
                           crop_image(as_image(padded).view(), moved, 32, interpolation)) <= 1);
}

TEST_CASE("a crop beside the image is its nearest corner") {
  const Interpolation interpolation = any_interpolation();
  const Image image = random_image(40, 30, 1);
  const double far = GENERATE(50.0, 1e6, 1e15);
  const Image crop = crop_image(image.view(), {far, far, 20}, 32, interpolation);
  CHECK(crop.pixels == std::vector<std::uint8_t>(32 * 32, image.pixels.back()));
  const Image other = crop_image(image.view(), {-far, -far, 20}, 32, interpolation);
  CHECK(other.pixels == std::vector<std::uint8_t>(32 * 32, image.pixels.front()));
}

TEST_CASE("an image of one pixel fills any size") {
  const Interpolation interpolation = any_interpolation();
  const Image image{1, 1, 3, {1, 2, 3}};
  const Image large = resize_image(image.view(), 32, interpolation);
  CHECK(large.pixels.size() == 32 * 32 * 3);
  for (std::size_t i = 0; i < large.pixels.size(); ++i) REQUIRE(large.pixels[i] == 1 + i % 3);
}

}  // namespace
}  // namespace mobireg
