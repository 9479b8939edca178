#pragma once

#include <vector>

#include "augmentation/warp.h"

namespace mobireg {

inline constexpr FillMode kModes[] = {FillMode::kNearest, FillMode::kConstant, FillMode::kReflect,
                                      FillMode::kWrap};

inline std::vector<float> warped(const Image& image, const Affine& to_source, int size,
                                 const WarpOptions& options = {}) {
  std::vector<float> result(static_cast<std::size_t>(size * size * image.channels));
  warp(image.view(), to_source, size, options, result.data());
  return result;
}

/// Pixel `i` of a line of `n` that goes on as the mode says; -1: none.
inline int border_pixel(int i, int n, FillMode mode) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case FillMode::kNearest:
      return i < 0 ? 0 : n - 1;
    case FillMode::kConstant:
      return -1;
    case FillMode::kReflect:
      while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
      return i;
    case FillMode::kWrap:  // scipy's, in which the first pixel is the last one
      if (n == 1) return 0;
      return i < 0 ? i + (n - 1) * (-i / (n - 1) + 1) : i % (n - 1);
  }
  return -1;
}

}  // namespace mobireg
