#pragma once

#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/core/random.h"
#include "mobireg/data/image.h"

namespace mobireg {

/// What is done to one image, in Keras's terms: x are columns, y rows. The defaults do nothing.
struct AugmentationParameters {
  double rotation = 0;  // degrees
  double x_shift = 0;   // pixels; positive moves the content to the left
  double y_shift = 0;   // pixels; positive moves the content up
  double shear = 0;     // degrees
  double x_zoom = 1;    // below 1 enlarges
  double y_zoom = 1;
  double brightness = 1;  // factor
};

/// Draws one image's parameters as Keras's ImageDataGenerator.get_random_transform (2.15) does,
/// down to its mix-up of the axes: height_shift_range gives the shift along x, width_shift_range
/// that along y (on square images, with equal ranges, it makes no difference).
AugmentationParameters draw_augmentation(const AugmentationConfig& config, int size,
                                         Random& random);

/// Applies parameters as Keras (tf.keras 2.15) does: one affine warp about the centre, linear
/// interpolation, border pixels repeated; then brightness on whole numbers of 0 to 255, cut off, as
/// Pillow does. Returns HWC floats of 0 to 255.
std::vector<float> augment(const Image& image, const AugmentationParameters& parameters);

}  // namespace mobireg
