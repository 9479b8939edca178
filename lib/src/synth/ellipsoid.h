#pragma once

#include <opencv2/core.hpp>

namespace mobireg {

/// Blue, green, red, each 0 to 1.
using Colour = cv::Vec3f;

inline Colour rgb(float red, float green, float blue) { return {blue, green, red}; }

inline Colour mix(const Colour& a, const Colour& b, float share_of_b) {
  return a * (1 - share_of_b) + b * share_of_b;
}

struct Material {
  Colour colour;
  float shine = 0;       ///< Strength of the specular highlight, 0 to 1.
  bool is_skin = false;  ///< Skin flows into skin that it meets instead of showing a crease.
};

/// The points p with normal . p >= offset; all of space unless told otherwise.
struct HalfSpace {
  cv::Vec3f normal{0, 0, 0};
  float offset = -1;
};

/// The one shape heads are made of. Lengths are in head units (half of a head's height).
struct Ellipsoid {
  cv::Vec3f center;
  cv::Vec3f radii;
  Material material;
  cv::Matx33f frame = cv::Matx33f::eye();  ///< Columns: the directions of the three radii.
  HalfSpace kept = {};                     ///< Surface outside of it is cut away.
  bool casts_shadow = false;
};

/// The ellipsoid after a turn by `rotation` about the origin and a shift.
Ellipsoid placed(Ellipsoid shape, const cv::Matx33f& rotation, const cv::Vec3f& shift);

/// The symmetric matrix Q with (p - center)' Q (p - center) = 1 on the ellipsoid.
cv::Matx33f quadric(const Ellipsoid& shape);

/// Half of the width and of the height of the ellipsoid seen along z.
cv::Vec2f half_extent(const Ellipsoid& shape);

/// Turns about one axis, counterclockwise for a viewer whom the axis points at. Angle in radians.
cv::Matx33f turn_about_x(float angle);
cv::Matx33f turn_about_y(float angle);
cv::Matx33f turn_about_z(float angle);

}  // namespace mobireg
