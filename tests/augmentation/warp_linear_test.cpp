// The fast kernels of order 1 against linear interpolation straight from its definition.

#include <algorithm>
#include <cmath>
#include <vector>

#include "augmentation/geometry.h"
#include "augmentation/hashed_image.h"
#include "augmentation/warp_cases.h"
#include "mobireg/core/random.h"

namespace mobireg {
namespace {

/// Linear between the pixels of the image as it goes on.
double linear_value(const Image& image, double x, double y, int channel, FillMode mode,
                    float cval) {
  const bool is_outside = x < 0 || y < 0 || x > image.width - 1 || y > image.height - 1;
  if (mode == FillMode::kConstant && is_outside) return cval;
  if (mode == FillMode::kWrap) {
    x = image.width == 1 ? 0 : std::fmod(x + 100 * (image.width - 1), image.width - 1);
    y = image.height == 1 ? 0 : std::fmod(y + 100 * (image.height - 1), image.height - 1);
  }
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  double sum = 0;
  for (const int row : {top, top + 1}) {
    for (const int column : {left, left + 1}) {
      const double weight = (1 - std::abs(x - column)) * (1 - std::abs(y - row));
      if (weight == 0) continue;
      const int from = (border_pixel(row, image.height, mode) * image.width +
                        border_pixel(column, image.width, mode)) *
                           image.channels +
                       channel;
      sum += weight * image.pixels[static_cast<std::size_t>(from)];
    }
  }
  return sum;
}

Affine random_affine(int size, Random& random) {
  AugmentationParameters p;
  p.rotation = random.uniform(-180, 180);
  p.x_shift = random.uniform(-2.0 * size, 2.0 * size);
  p.y_shift = random.uniform(-2.0 * size, 2.0 * size);
  p.shear = random.uniform(-20, 20);
  p.x_zoom = random.uniform(0.3, 2);
  p.y_zoom = random.uniform(0.3, 2);
  return augmentation_affine(p, size);
}

void check_linear(const Image& image, const Affine& m, int size, const WarpOptions& options) {
  const std::vector<float> result = warped(image, m, size, options);
  double worst = 0;
  std::size_t i = 0;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      for (int c = 0; c < image.channels; ++c, ++i) {
        const double expected =
            linear_value(image, m.x(x, y), m.y(x, y), c, options.fill_mode, options.cval);
        worst = std::max(worst, std::abs(expected - result[i]));
      }
    }
  }
  INFO(image.height << "x" << image.width << "x" << image.channels << " to " << size << ", mode "
                    << static_cast<int>(options.fill_mode));
  CHECK(worst < 2e-4);  // float weights
}

TEST_CASE("order 1 is linear interpolation for images of every shape and every border") {
  Random random(5);
  for (const int height : {1, 2, 3, 17, 64}) {
    for (const int width : {1, 2, 3, 5, 64}) {
      for (const int channels : {1, 3}) {
        const Image image = hashed_image("warp", height, width, channels);
        for (const FillMode mode : kModes) {
          check_linear(image, random_affine(std::max(height, width), random), 9, {mode, 33.5F, 1});
        }
      }
    }
  }
}

TEST_CASE("lines that are longer than a block of the kernel are interpolated alike") {
  Random random(6);
  const Image image = hashed_image("long", 150, 200, 3);
  for (const FillMode mode : kModes) {
    check_linear(image, random_affine(200, random), 300, {mode, 0, 1});
  }
}

}  // namespace
}  // namespace mobireg
