#pragma once

namespace mobireg {

/// Takes (x, y) to (xx x + xy y + x0, yx x + yy y + y0). Coordinates are in pixels, x to the right
/// and y down; pixel i has its centre at i, as in scipy.ndimage and Keras.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;

  double x(double from_x, double from_y) const { return xx * from_x + xy * from_y + x0; }
  double y(double from_x, double from_y) const { return yx * from_x + yy * from_y + y0; }
  double determinant() const { return xx * yy - xy * yx; }
};

bool operator==(const Affine& a, const Affine& b);

/// First `inner`, then `outer`.
Affine compose(const Affine& outer, const Affine& inner);

/// Throws Error when it is singular.
Affine inverse(const Affine& affine);

/// Whether it takes pixel centres to pixel centres only.
bool is_whole(const Affine& affine);

/// The orthogonal matrix nearest to an affine's 2x2 part (its polar factor): if `mirrored`, a
/// mirroring of left and right; then a rotation by `angle`.
struct Orientation {
  bool mirrored = false;
  double angle = 0;  // radians, clockwise as seen, -pi to pi
};

Orientation nearest_orientation(const Affine& affine);

}  // namespace mobireg
