#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

namespace mobireg {

/// Keras's changes of colour to one image, as a function of each of its values: apply_channel_shift
/// and then apply_brightness_shift (scale=False).
struct ColourChange {
  bool shifts = false;
  float amount = 0;
  float low = 0;  // the image's lowest and highest value, which the shift keeps to
  float high = 0;

  bool brightens = false;
  float factor = 1;
  bool stretches = false;  // the shifted image leaves 0 to 255
};

/// `channel_shift` is added, and the result kept between the lowest and highest of the image's `n`
/// values. `brightness`: cuts to whole numbers, multiplies, and cuts again, at most 255, for Keras
/// goes through Pillow's 8-bit images. As there, an image that leaves 0 to 255 (by more than
/// rounding) is stretched to 0 to 255 before, and back to its range afterwards.
ColourChange colour_change(const float* pixels, std::size_t n, double channel_shift,
                           std::optional<double> brightness);

/// Of the `n` values that it was made for, in place.
void change_colour(const ColourChange& change, float* pixels, std::size_t n);

/// The two changes by themselves, in place.
void shift_channels(float* pixels, std::size_t n, double intensity);
void scale_brightness(float* pixels, std::size_t n, double factor);

inline float shifted(const ColourChange& change, float value) {
  const float sum = value + change.amount;
  const float above = sum > change.low ? sum : change.low;
  return above < change.high ? above : change.high;
}

inline float multiplied_whole(const ColourChange& change, float value) {
  const auto whole = static_cast<float>(static_cast<int>(value));
  return static_cast<float>(std::min(static_cast<int>(whole * change.factor), 255));
}

/// As change_colour, of any of the image's values: for loops that do more to them, into which it is
/// compiled. Nothing may be stretched.
[[gnu::always_inline]] inline void change_values(const ColourChange& change, float* values,
                                                 std::size_t n) {
  if (change.shifts) {
    for (std::size_t i = 0; i < n; ++i) values[i] = shifted(change, values[i]);
  }
  if (change.brightens) {
    for (std::size_t i = 0; i < n; ++i) values[i] = multiplied_whole(change, values[i]);
  }
}

}  // namespace mobireg
