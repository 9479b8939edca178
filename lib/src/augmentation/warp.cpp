#include "augmentation/warp.h"

#include <algorithm>
#include <cmath>

#include "augmentation/border.h"
#include "augmentation/spline.h"
#include "augmentation/warp_linear.h"

namespace mobireg {
namespace {

/// Along an axis of `length` coefficients; beyond this distance `kNearest` changes nothing more.
double spline_coordinate(double at, int length, FillMode mode) {
  const double last = length - 1;
  switch (mode) {
    case FillMode::kNearest:
      return std::clamp(at, -1.0 - kMaxSplineOrder, last + 1 + kMaxSplineOrder);
    case FillMode::kConstant:
      return border::clamped(at, last);
    case FillMode::kWrap:
      return border::wrapped(at, last);
    case FillMode::kReflect:  // its taps are reflected
      break;
  }
  return at;
}

bool is_outside(double at, int length) {
  return at < -kBorderRounding || at > length - 1 + kBorderRounding;
}

void interpolate(const SplineImage& image, const SplineTaps& x, const SplineTaps& y, float* out) {
  for (int c = 0; c < image.channels; ++c) {
    double sum = 0;
    for (int j = 0; j <= image.order; ++j) {
      const double* row =
          image.coefficients.data() + std::ptrdiff_t{y.index[j]} * image.width * image.channels;
      double along = 0;
      for (int i = 0; i <= image.order; ++i) {
        along += x.weight[i] * row[x.index[i] * image.channels + c];
      }
      sum += y.weight[j] * along;
    }
    out[c] = static_cast<float>(sum);
  }
}

void warp_spline(const SplineImage& image, const Affine& to_source, int size, float cval,
                 float* out) {
  const FillMode mode = image.fill_mode;
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column, out += image.channels) {
      const double x = to_source.x(column, row) + image.padding;
      const double y = to_source.y(column, row) + image.padding;
      if (mode == FillMode::kConstant &&
          (is_outside(x, image.width) || is_outside(y, image.height))) {
        std::fill_n(out, image.channels, cval);
        continue;
      }
      const double at_x = spline_coordinate(x, image.width, mode);
      const double at_y = spline_coordinate(y, image.height, mode);
      interpolate(image, spline_taps(at_x, image.width, image.order, mode),
                  spline_taps(at_y, image.height, image.order, mode), out);
    }
  }
}

}  // namespace

void warp(const ImageView& image, const Affine& to_source, int size, const WarpOptions& options,
          float* out) {
  if (to_source == Affine{} && image.width == size && image.height == size) {
    std::copy_n(image.pixels, image.size(), out);
    return;
  }
  if (options.order == 1) return warp_linear(image, to_source, size, options, out);
  // At the pixels' centres every spline is the pixel itself.
  const int order = is_whole(to_source) ? 0 : options.order;
  warp_spline(fit_spline(image, order, options.fill_mode), to_source, size, options.cval, out);
}

}  // namespace mobireg
