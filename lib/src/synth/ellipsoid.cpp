#include "synth/ellipsoid.h"

#include <cmath>

namespace mobireg {
namespace {

/// frame * diag(v) * frame'.
cv::Matx33f along_frame(const cv::Matx33f& frame, const cv::Vec3f& v) {
  return frame * cv::Matx33f::diag(v) * frame.t();
}

}  // namespace

Ellipsoid placed(Ellipsoid shape, const cv::Matx33f& rotation, const cv::Vec3f& shift) {
  shape.center = rotation * shape.center + shift;
  shape.frame = rotation * shape.frame;
  shape.kept.normal = rotation * shape.kept.normal;
  shape.kept.offset += shape.kept.normal.dot(shift);
  return shape;
}

cv::Matx33f quadric(const Ellipsoid& shape) {
  const cv::Vec3f& r = shape.radii;
  return along_frame(shape.frame, {1 / (r[0] * r[0]), 1 / (r[1] * r[1]), 1 / (r[2] * r[2])});
}

cv::Vec2f half_extent(const Ellipsoid& shape) {
  const cv::Matx33f squares = along_frame(shape.frame, shape.radii.mul(shape.radii));
  return {std::sqrt(squares(0, 0)), std::sqrt(squares(1, 1))};
}

cv::Matx33f turn_about_x(float angle) {
  const float c = std::cos(angle), s = std::sin(angle);
  return {1, 0, 0, 0, c, -s, 0, s, c};
}

cv::Matx33f turn_about_y(float angle) {
  const float c = std::cos(angle), s = std::sin(angle);
  return {c, 0, s, 0, 1, 0, -s, 0, c};
}

cv::Matx33f turn_about_z(float angle) {
  const float c = std::cos(angle), s = std::sin(angle);
  return {c, -s, 0, s, c, 0, 0, 0, 1};
}

}  // namespace mobireg
