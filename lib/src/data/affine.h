#pragma once

namespace mobireg {

/// Takes (x, y) to (xx x + xy y + x0, yx x + yy y + y0). Coordinates are in pixels, x to the right
/// and y down; pixel i has its centre at i, as in scipy.ndimage and Keras.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;
};

/// First `inner`, then `outer`.
Affine compose(const Affine& outer, const Affine& inner);

/// Throws Error when it is singular.
Affine inverse(const Affine& affine);

}  // namespace mobireg
