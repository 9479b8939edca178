#pragma once

#include "data/warp.h"

namespace mobireg {

/// `warp` of order 1, for images of 1 or 3 channels. Weights are floats, so results lie within
/// 255 * 2^-23 of a few exact steps: 1e-4 of scipy's.
void warp_linear(const ImageView& image, const Affine& to_source, int size,
                 const WarpOptions& options, float* out);

}  // namespace mobireg
