#include "augmentation/warp.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "augmentation/geometry.h"
#include "augmentation/hashed_image.h"
#include "augmentation/warp_cases.h"

namespace mobireg {
namespace {

std::vector<float> as_floats(const Image& image) {
  return {image.pixels.begin(), image.pixels.end()};
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// The largest difference of two images of `size`, but for a margin.
float inner_difference(const std::vector<float>& a, const std::vector<float>& b, int size,
                       int margin) {
  float largest = 0;
  for (int y = margin; y < size - margin; ++y) {
    for (int x = margin; x < size - margin; ++x) {
      const auto i = static_cast<std::size_t>(y * size + x);
      largest = std::max(largest, std::abs(a[i] - b[i]));
    }
  }
  return largest;
}

/// Grey waves a quarter of the image long.
Image smooth_image(int size) {
  Image image{size, size, 1, {}};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const double wave = std::sin(25.0 * x / size) + std::cos(25.0 * y / size + 1.0);
      image.pixels.push_back(static_cast<std::uint8_t>(128 + 60 * wave));
    }
  }
  return image;
}

Image as_image(const std::vector<float>& pixels, int size, int channels) {
  Image image{size, size, channels, {}};
  for (const float pixel : pixels) {
    image.pixels.push_back(static_cast<std::uint8_t>(std::lround(pixel)));
  }
  return image;
}

TEST_CASE("the identity leaves every pixel as it is") {
  for (const int channels : {1, 3}) {
    const Image image = hashed_image("identity", 32, 32, channels);
    for (const FillMode mode : kModes) {
      for (int order = 0; order <= 5; ++order) {
        CHECK(warped(image, {}, 32, {mode, 0, order}) == as_floats(image));
      }
    }
  }
}

TEST_CASE("shifts by whole pixels copy pixels, whatever the order") {
  const Image image = hashed_image("shift", 6, 6, 1);
  for (const FillMode mode : kModes) {
    for (const int shift : {1, -3, 5, -6, 17}) {
      std::vector<float> expected;
      for (int y = 0; y < 6; ++y) {
        for (int x = 0; x < 6; ++x) {
          const int from = border_pixel(x + shift, 6, mode);
          expected.push_back(from < 0 ? 9.5F
                                      : image.pixels[static_cast<std::size_t>(y * 6 + from)]);
        }
      }
      for (int order = 0; order <= 5; ++order) {
        INFO("mode " << static_cast<int>(mode) << " shift " << shift << " order " << order);
        const Affine to_source{1, 0, static_cast<double>(shift), 0, 1, 0};
        CHECK(warped(image, to_source, 6, {mode, 9.5F, order}) == expected);
      }
    }
  }
}

std::vector<float> flipped(const std::vector<float>& pixels, int size, int channels,
                           const AugmentationParameters& p) {
  std::vector<float> result;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int from_x = p.flip_horizontal ? size - 1 - x : x;
      const int from_y = p.flip_vertical ? size - 1 - y : y;
      for (int c = 0; c < channels; ++c) {
        result.push_back(pixels[static_cast<std::size_t>((from_y * size + from_x) * channels + c)]);
      }
    }
  }
  return result;
}

TEST_CASE("flips in the matrix give the pixels that flipping the moved image gives") {
  const Image image = hashed_image("flips", 20, 20, 3);
  for (const int which : {1, 2, 3}) {
    for (int order = 0; order <= 5; ++order) {
      for (const FillMode mode : kModes) {
        AugmentationParameters p;
        p.rotation = 17;
        p.x_shift = 2.4;
        p.y_zoom = 1.3;
        const auto moved = warped(image, augmentation_affine(p, 20), 20, {mode, 0, order});
        p.flip_horizontal = (which & 1) != 0;
        p.flip_vertical = (which & 2) != 0;
        const auto both = warped(image, augmentation_affine(p, 20), 20, {mode, 0, order});
        CHECK(largest_difference(both, flipped(moved, 20, 3, p)) < 2e-4);
      }
    }
  }
}

TEST_CASE("mirroring twice gives the image back") {
  const Image image = hashed_image("mirror", 16, 16, 3);
  for (const bool horizontal : {true, false}) {
    AugmentationParameters p;
    p.flip_horizontal = horizontal;
    p.flip_vertical = !horizontal;
    const Affine mirror = augmentation_affine(p, 16);
    const auto once = warped(image, mirror, 16);
    CHECK(once != as_floats(image));
    CHECK(warped(as_image(once, 16, 3), mirror, 16) == as_floats(image));
    CHECK(compose(mirror, mirror) == Affine{});
  }
}

TEST_CASE("both flips are a rotation by 180 degrees, and the border stays whole") {
  const Image image = hashed_image("half turn", 16, 16, 1);
  AugmentationParameters flips;
  flips.flip_horizontal = flips.flip_vertical = true;
  AugmentationParameters turn;
  turn.rotation = 180;
  for (const FillMode mode : {FillMode::kNearest, FillMode::kConstant, FillMode::kReflect}) {
    const WarpOptions options{mode, 999, 1};
    CHECK(largest_difference(warped(image, augmentation_affine(flips, 16), 16, options),
                             warped(image, augmentation_affine(turn, 16), 16, options)) < 1e-3);
  }
}

TEST_CASE("two warps give about what their composition gives") {
  const Image image = smooth_image(64);
  AugmentationParameters first;
  first.rotation = 8;
  first.x_zoom = 0.9;
  AugmentationParameters second;
  second.y_shift = 2.3;
  second.shear = 4;
  second.flip_horizontal = true;
  const Affine a = augmentation_affine(first, 64);
  const Affine b = augmentation_affine(second, 64);
  const auto twice = warped(as_image(warped(image, a, 64), 64, 1), b, 64);
  // Interpolating twice rounds the waves' tops.
  CHECK(inner_difference(twice, warped(image, compose(a, b), 64), 64, 8) < 5);
  CHECK(inner_difference(twice, warped(image, compose(b, a), 64), 64, 8) > 20);
}

TEST_CASE("rotating there and back gives about the image") {
  const Image image = smooth_image(64);
  AugmentationParameters p;
  p.rotation = 25;
  const Affine there = augmentation_affine(p, 64);
  p.rotation = -25;
  const Affine back = augmentation_affine(p, 64);
  const auto result = warped(as_image(warped(image, there, 64), 64, 1), back, 64);
  CHECK(inner_difference(result, as_floats(image), 64, 16) < 5);
  CHECK(inner_difference(warped(image, there, 64), as_floats(image), 64, 16) > 20);
}

TEST_CASE("splines of higher order reproduce smooth images better") {
  const Image image = smooth_image(64);
  const Affine shift{1, 0, 0.5, 0, 1, 0};
  std::vector<float> exact;
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const double wave = std::sin(25.0 * (x + 0.5) / 64) + std::cos(25.0 * y / 64 + 1.0);
      exact.push_back(static_cast<float>(127.5 + 60 * wave));
    }
  }
  const auto error = [&](int order) {
    return inner_difference(warped(image, shift, 64, {FillMode::kReflect, 0, order}), exact, 64, 8);
  };
  CHECK(error(1) > 1.4F);
  CHECK(error(3) < 1.1F);  // what is left is the rounding of the pixels
  CHECK(error(5) < 1.1F);
}

TEST_CASE("a larger image is sampled at the pixel centres of the smaller one") {
  // Each pixel of the result is the mean of 2 x 2 pixels.
  const Image image = hashed_image("larger", 8, 8, 1);
  const auto half = warped(image, crop_affine({0, 0, 8}, 4, {0, 0, 8}, 8), 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      const auto at = [&](int dy, int dx) {
        return static_cast<float>(
            image.pixels[static_cast<std::size_t>((2 * y + dy) * 8 + 2 * x + dx)]);
      };
      const float mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
      CHECK(half[static_cast<std::size_t>(y * 4 + x)] == Approx(mean));
    }
  }
}

}  // namespace
}  // namespace mobireg
