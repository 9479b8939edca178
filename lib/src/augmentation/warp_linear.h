#pragma once

#include "augmentation/warp.h"

namespace mobireg {

/// `warp` of order 1, for images of 1 or 3 channels. Coordinates are doubles and weights floats, so
/// results are within 1e-4 of scipy's, a few roundings of 255 * 2^-24.
void warp_linear(const ImageView& image, const Affine& to_source, int size,
                 const WarpOptions& options, float* out);

}  // namespace mobireg
