#include "mobireg/data/augmentation.h"

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;

/// Output (x, y) to input (x, y): [xx xy x0; yx yy y0].
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

/// Rotation, shift, shear, zoom as Keras multiplies them, about the image's centre.
Affine affine_of(const AugmentationParameters& p, int width, int height) {
  const double cos_r = std::cos(p.rotation * kRadiansPerDegree);
  const double sin_r = std::sin(p.rotation * kRadiansPerDegree);
  const double cos_s = std::cos(p.shear * kRadiansPerDegree);
  const double sin_s = std::sin(p.shear * kRadiansPerDegree);
  Affine m;
  m.xx = cos_r * p.x_zoom;
  m.xy = (-cos_r * sin_s - sin_r * cos_s) * p.y_zoom;
  m.yx = sin_r * p.x_zoom;
  m.yy = (-sin_r * sin_s + cos_r * cos_s) * p.y_zoom;
  const double shift_x = cos_r * p.x_shift - sin_r * p.y_shift;
  const double shift_y = sin_r * p.x_shift + cos_r * p.y_shift;
  const double centre_x = width / 2.0 - 0.5;
  const double centre_y = height / 2.0 - 0.5;
  m.x0 = shift_x + centre_x - m.xx * centre_x - m.xy * centre_y;
  m.y0 = shift_y + centre_y - m.yx * centre_x - m.yy * centre_y;
  return m;
}

/// The two neighbours of a coordinate, kept within [0, size - 1], and the weight of the second.
struct Neighbours {
  int first;
  int second;
  float weight;
};

Neighbours neighbours(double coordinate, int size) {
  const double inside = std::clamp(coordinate, 0.0, size - 1.0);
  const int first = static_cast<int>(inside);
  return {first, std::min(first + 1, size - 1), static_cast<float>(inside - first)};
}

std::vector<float> warp(const Image& image, const Affine& m) {
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto at = [&](int y, int x) {
    return image.pixels.data() +
           (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
            static_cast<std::size_t>(x)) *
               channels;
  };
  std::vector<float> result(image.pixels.size());
  float* out = result.data();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const Neighbours column = neighbours(m.xx * x + m.xy * y + m.x0, image.width);
      const Neighbours row = neighbours(m.yx * x + m.yy * y + m.y0, image.height);
      const std::uint8_t* top_left = at(row.first, column.first);
      const std::uint8_t* top_right = at(row.first, column.second);
      const std::uint8_t* low_left = at(row.second, column.first);
      const std::uint8_t* low_right = at(row.second, column.second);
      for (std::size_t c = 0; c < channels; ++c) {
        const float top =
            top_left[c] + column.weight * static_cast<float>(top_right[c] - top_left[c]);
        const float low =
            low_left[c] + column.weight * static_cast<float>(low_right[c] - low_left[c]);
        *out++ = top + row.weight * (low - top);
      }
    }
  }
  return result;
}

}  // namespace

AugmentationParameters draw_augmentation(const AugmentationConfig& config, int size,
                                         Random& random) {
  const auto either_way = [&](double range) {
    return range == 0 ? 0 : random.uniform(-range, range);
  };
  const auto within = [&](const Interval& range) {
    return range.first == range.second ? range.first : random.uniform(range.first, range.second);
  };
  AugmentationParameters parameters;
  parameters.rotation = either_way(config.rotation_range);
  parameters.x_shift = either_way(config.height_shift_range) * size;
  parameters.y_shift = either_way(config.width_shift_range) * size;
  parameters.shear = either_way(config.shear_range);
  parameters.x_zoom = within(config.zoom_range);
  parameters.y_zoom = within(config.zoom_range);
  parameters.brightness = within(config.brightness_range);
  return parameters;
}

std::vector<float> augment(const Image& image, const AugmentationParameters& p) {
  const bool moves = p.rotation != 0 || p.x_shift != 0 || p.y_shift != 0 || p.shear != 0 ||
                     p.x_zoom != 1 || p.y_zoom != 1;
  std::vector<float> pixels = moves ? warp(image, affine_of(p, image.width, image.height))
                                    : std::vector<float>(image.pixels.begin(), image.pixels.end());
  if (p.brightness != 1) {
    const auto factor = static_cast<float>(p.brightness);
    for (float& pixel : pixels) {
      pixel = std::trunc(std::min(255.0F, std::trunc(pixel) * factor));
    }
  }
  return pixels;
}

}  // namespace mobireg
