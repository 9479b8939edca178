#pragma once

#include <array>
#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/image/image.h"

namespace mobireg {

inline constexpr int kMaxSplineOrder = 5;

/// An image as coefficients of B-splines (HWC), as scipy.ndimage's spline_filter makes them for the
/// border rule `fill_mode`. With `kNearest` the image is first extended by `padding` pixels.
struct SplineImage {
  int height = 0;  // with padding
  int width = 0;
  int channels = 0;
  int order = 0;
  int padding = 0;
  FillMode fill_mode = FillMode::kNearest;
  std::vector<double> coefficients;
};

/// `order`: 0 to 5. Below 2 the coefficients are the pixels.
/// Method: Unser, Aldroubi, Eden: "Fast B-spline transforms for continuous image representation and
/// interpolation", 1991.
SplineImage fit_spline(const ImageView& image, int order, FillMode fill_mode);

/// The coefficients that a value between pixels is made of: `index[0]` to `index[order]`, weighted.
struct SplineTaps {
  std::array<int, kMaxSplineOrder + 1> index;
  std::array<double, kMaxSplineOrder + 1> weight;
};

/// At `at` pixels along an axis of `length` coefficients. Taps that leave the axis are brought back
/// by the border rule; `at` must not lie further outside than that rule's coordinates do.
SplineTaps spline_taps(double at, int length, int order, FillMode fill_mode);

}  // namespace mobireg
