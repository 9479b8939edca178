#pragma once

#include "augmentation/affine.h"
#include "mobireg/config/augmentation_config.h"
#include "mobireg/image/image.h"

namespace mobireg {

struct WarpOptions {
  FillMode fill_mode = FillMode::kNearest;
  float cval = 0;  // 0 to 255
  int order = 1;   // of the spline
};

/// Writes `size` x `size` pixels (HWC, as many channels as the image) of 0 to 255: pixel (x, y) is
/// the image at `to_source`(x, y), interpolated by a spline as scipy.ndimage.affine_transform does
/// with that order, mode and cval. Order 1 has kernels of its own.
void warp(const ImageView& image, const Affine& to_source, int size, const WarpOptions& options,
          float* out);

}  // namespace mobireg
