#include "augmentation/affine.h"

#include <cmath>

#include "core/fail.h"

namespace mobireg {

bool operator==(const Affine& a, const Affine& b) {
  return a.xx == b.xx && a.xy == b.xy && a.x0 == b.x0 &&  //
         a.yx == b.yx && a.yy == b.yy && a.y0 == b.y0;
}

Affine compose(const Affine& outer, const Affine& inner) {
  Affine result;
  result.xx = outer.xx * inner.xx + outer.xy * inner.yx;
  result.xy = outer.xx * inner.xy + outer.xy * inner.yy;
  result.x0 = outer.x(inner.x0, inner.y0);
  result.yx = outer.yx * inner.xx + outer.yy * inner.yx;
  result.yy = outer.yx * inner.xy + outer.yy * inner.yy;
  result.y0 = outer.y(inner.x0, inner.y0);
  return result;
}

Affine inverse(const Affine& affine) {
  const double determinant = affine.determinant();
  if (determinant == 0 || !std::isfinite(1 / determinant)) {
    fail("the affine map [{} {}; {} {}] is singular; it has no inverse", affine.xx, affine.xy,
         affine.yx, affine.yy);
  }
  Affine result;
  result.xx = affine.yy / determinant;
  result.xy = -affine.xy / determinant;
  result.yx = -affine.yx / determinant;
  result.yy = affine.xx / determinant;
  result.x0 = -(result.xx * affine.x0 + result.xy * affine.y0);
  result.y0 = -(result.yx * affine.x0 + result.yy * affine.y0);
  return result;
}

bool is_whole(const Affine& affine) {
  const auto whole = [](double value) { return value == std::floor(value); };
  return whole(affine.xx) && whole(affine.xy) && whole(affine.x0) &&  //
         whole(affine.yx) && whole(affine.yy) && whole(affine.y0);
}

Orientation nearest_orientation(const Affine& affine) {
  // With the mirroring taken out, the first column changes its sign.
  const bool mirrored = affine.determinant() < 0;
  const double xx = mirrored ? -affine.xx : affine.xx;
  const double yx = mirrored ? -affine.yx : affine.yx;
  return {mirrored, std::atan2(yx - affine.xy, xx + affine.yy)};
}

}  // namespace mobireg
