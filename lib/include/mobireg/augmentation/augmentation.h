#pragma once

#include "mobireg/config/augmentation_config.h"
#include "mobireg/core/random.h"
#include "mobireg/image/image.h"

namespace mobireg {

/// What is done to one image; the names in brackets are the keys of Keras's dictionary
/// (get_random_transform, apply_transform). x are columns, y rows.
struct AugmentationParameters {
  double rotation = 0;  // [theta] degrees; positive turns the content counter-clockwise as seen
  double x_shift = 0;   // [tx] pixels; positive moves the content to the left
  double y_shift = 0;   // [ty] pixels; positive moves the content up
  double shear = 0;     // [shear] degrees
  double x_zoom = 1;    // [zx] below 1 enlarges
  double y_zoom = 1;    // [zy]
  bool flip_horizontal = false;
  bool flip_vertical = false;
  double channel_shift = 0;  // [channel_shift_intensity] of 0 to 255
  double brightness = 1;     // factor
};

/// Draws one image's parameters with the distributions of Keras's get_random_transform (2.15) for
/// square images of `size` pixels. As there, height_shift_range gives `x_shift` and
/// width_shift_range `y_shift`. A range that is not set draws nothing.
AugmentationParameters draw_augmentation(const AugmentationConfig& config, int size,
                                         Random& random);

}  // namespace mobireg
