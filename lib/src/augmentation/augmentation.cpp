#include "mobireg/augmentation/augmentation.h"

#include <algorithm>

namespace mobireg {
namespace {

double either_way(double range, Random& random) {
  return range == 0 ? 0.0 : random.uniform(-range, range);
}

double either_sign(double value, Random& random) { return random.below(2) == 0 ? -value : value; }

/// In pixels.
double draw_shift(const ShiftRange& range, int size, Random& random) {
  const std::vector<double>& values = range.values;
  const double largest = *std::max_element(values.begin(), values.end());
  if (range.form == ShiftRange::Form::kList) {
    const double value = either_sign(values[random.below(values.size())], random);
    return largest < 1 ? value * size : value;
  }
  if (largest == 0) return 0;
  if (range.form == ShiftRange::Form::kWhole) {
    const auto value = random.below(static_cast<std::uint64_t>(largest));
    return either_sign(static_cast<double>(value), random);
  }
  return either_way(largest, random) * (largest < 1 ? size : 1);
}

}  // namespace

AugmentationParameters draw_augmentation(const AugmentationConfig& config, int size,
                                         Random& random) {
  AugmentationParameters parameters;
  parameters.rotation = either_way(config.rotation_range, random);
  parameters.x_shift = draw_shift(config.height_shift_range, size, random);
  parameters.y_shift = draw_shift(config.width_shift_range, size, random);
  parameters.shear = either_way(config.shear_range, random);
  const ZoomRange& zoom = config.zoom_range;
  if (zoom.low != 1 || zoom.high != 1) {
    parameters.x_zoom = random.uniform(zoom.low, zoom.high);
    parameters.y_zoom =
        config.zoom_together ? parameters.x_zoom : random.uniform(zoom.low, zoom.high);
  }
  if (config.horizontal_flip) parameters.flip_horizontal = random.uniform() < 0.5;
  if (config.vertical_flip) parameters.flip_vertical = random.uniform() < 0.5;
  parameters.channel_shift = either_way(config.channel_shift_range, random);
  if (config.brightness_range) {
    const auto [low, high] = *config.brightness_range;
    parameters.brightness = random.uniform(low, high);
  }
  return parameters;
}

}  // namespace mobireg
