#pragma once

#include "augmentation/pixel_view.h"

namespace mobireg {

/// Blurs by a Gaussian of standard deviation `sigma` pixels; the border is reflected without its
/// own pixels (dcb|abcd|cba). imgaug's GaussianBlur: a kernel of int(3.3 sigma) pixels (2.9 from
/// sigma 3 on, 2.6 from 5 on), made odd and at least 5; no blur up to sigma 0.001.
void gaussian_blur(const PixelView& image, double sigma);

/// The mean along a line of `length` pixels at `angle` degrees from the x axis (clockwise as seen:
/// y points down): of its ceil(length) points, evenly spaced over (length - 1), each interpolated
/// bilinearly. Length 1 changes nothing. The border is reflected as for `gaussian_blur`.
void motion_blur(const PixelView& image, double length, double angle);

/// Shrinks to round(factor * size) pixels a side, at least 1, each the mean of the area that it
/// covers, and enlarges bilinearly to the old size (pixel centres at halves; the border is
/// repeated). `factor` is above 0 and at most 1.
void downscale(const PixelView& image, double factor);

}  // namespace mobireg
