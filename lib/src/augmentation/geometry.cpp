#include "augmentation/geometry.h"

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;

/// Rotation, shift, shear, zoom as Keras multiplies them, about the image's centre.
Affine keras_affine(const AugmentationParameters& p, int size) {
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
  const double centre = size / 2.0 - 0.5;
  m.x0 = shift_x + centre - m.xx * centre - m.xy * centre;
  m.y0 = shift_y + centre - m.yx * centre - m.yy * centre;
  return m;
}

Affine flips(const AugmentationParameters& p, int size) {
  Affine m;
  if (p.flip_horizontal) m.xx = -1, m.x0 = size - 1;
  if (p.flip_vertical) m.yy = -1, m.y0 = size - 1;
  return m;
}

}  // namespace

Affine augmentation_affine(const AugmentationParameters& parameters, int size) {
  return compose(keras_affine(parameters, size), flips(parameters, size));
}

Affine crop_affine(const CropSquare& crop, int size, const CropSquare& stored, int stored_size) {
  // One division, so that a stored image that is the crop itself is taken as it is.
  const double step = (crop.side * stored_size) / (stored.side * size);
  const double per_pixel = stored_size / stored.side;
  Affine m;
  m.xx = step;
  m.yy = step;
  m.x0 = (crop.left - stored.left) * per_pixel + (step - 1) / 2;
  m.y0 = (crop.top - stored.top) * per_pixel + (step - 1) / 2;
  return m;
}

double largest_stretch(const AugmentationConfig& config) {
  // The 2x2 part is a rotation times [zx, -zy sin s; 0, zy cos s]. Of any 2x2 matrix the ratio k of
  // the singular values obeys k + 1/k = |M|^2 / |det M|, here (r + 1/r) / cos s with r = zx / zy:
  // it grows with r (from 1) and with s, so it is largest at the ends of both ranges.
  const auto [low, high] = std::minmax(config.zoom_range.low, config.zoom_range.high);
  const double r = config.zoom_together ? 1 : high / low;
  const double sum = (r + 1 / r) / std::cos(config.shear_range * kRadiansPerDegree);
  return (sum + std::sqrt(std::max(0.0, sum * sum - 4))) / 2;
}

}  // namespace mobireg
