#pragma once

#include <cstddef>

namespace mobireg {

// Keras's changes of colour, to the `n` values of one image, in place.

/// Adds `intensity`, and keeps the result between the image's own lowest and highest value:
/// apply_channel_shift.
void shift_channels(float* pixels, std::size_t n, double intensity);

/// Cuts to whole numbers, multiplies, and cuts again, at most 255: apply_brightness_shift
/// (scale=False), which goes through Pillow's 8-bit images. As there, an image that leaves 0 to 255
/// (by more than rounding) is stretched to 0 to 255 before, and back to its range afterwards.
void scale_brightness(float* pixels, std::size_t n, double factor);

}  // namespace mobireg
