#pragma once

#include <cstddef>

namespace mobireg {

/// A square image that someone else owns, changed in place: `size` x `size` x `channels` (3, RGB,
/// or 1) floats, HWC, nominally of 0 to 255.
struct PixelView {
  int size = 0;
  int channels = 0;
  float* pixels = nullptr;

  /// Floats in a row.
  std::size_t row() const {
    return static_cast<std::size_t>(size) * static_cast<std::size_t>(channels);
  }
  /// Floats in the image.
  std::size_t count() const { return row() * static_cast<std::size_t>(size); }
};

}  // namespace mobireg
