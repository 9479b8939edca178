#include "synth/fragments.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mobireg {
namespace {

/// How far apart in depth two pieces of skin may lie and still flow into one another.
constexpr float kSkinBlend = 0.16F;

/// First and one past the last sample of a range, within the picture.
cv::Range clipped(float from, float to, int side) {
  const int first = std::clamp(static_cast<int>(std::floor(from)), 0, side);
  return {first, std::clamp(static_cast<int>(std::ceil(to)), first, side)};
}

/// The ellipsoid's nearest point over (x, y); false where the ray misses it or hits what is cut
/// off. The point p solves p'Qp = 1 for z, with p relative to the centre.
bool hit(const Ellipsoid& shape, const cv::Matx33f& q, float x, float y, Fragment& fragment) {
  const float u = x - shape.center[0], v = y - shape.center[1];
  const float b = q(0, 2) * u + q(1, 2) * v;
  const float c = q(0, 0) * u * u + 2 * q(0, 1) * u * v + q(1, 1) * v * v - 1;
  const float discriminant = b * b - q(2, 2) * c;
  if (discriminant < 0) return false;
  const cv::Vec3f p = {u, v, (std::sqrt(discriminant) - b) / q(2, 2)};
  fragment.point = p + shape.center;
  if (shape.kept.normal.dot(fragment.point) < shape.kept.offset) return false;
  fragment.normal = q * p;
  return true;
}

/// Skin that meets skin: the smooth maximum of their depths (Quilez, "Smooth minimum", 2013) and
/// the mean of their normals and colours with the same weights.
void blend(const Fragment& next, Fragment& nearest) {
  const float ahead = next.point[2] - nearest.point[2];
  const float share = 0.5F + 0.5F * ahead / kSkinBlend;
  nearest.point[2] += share * ahead + kSkinBlend * share * (1 - share);
  nearest.normal = cv::normalize(nearest.normal * (1 - share) + next.normal * share);
  nearest.material.colour = mix(nearest.material.colour, next.material.colour, share);
}

void draw_one(const Ellipsoid& shape, const View& view, std::vector<Fragment>& fragments) {
  const cv::Matx33f q = quadric(shape);
  const cv::Vec2f extent = half_extent(shape) * view.unit;
  const float column = view.center[0] + shape.center[0] * view.unit;
  const float row = view.center[1] - shape.center[1] * view.unit;
  const cv::Range columns = clipped(column - extent[0], column + extent[0], view.side);
  const cv::Range rows = clipped(row - extent[1], row + extent[1], view.side);
  Fragment next;
  next.material = shape.material;
  for (int y = rows.start; y < rows.end; ++y) {
    for (int x = columns.start; x < columns.end; ++x) {
      if (!hit(shape, q, view.x_at(x), view.y_at(y), next)) continue;
      Fragment& nearest = fragments[static_cast<std::size_t>(y * view.side + x)];
      const float ahead = next.point[2] - nearest.point[2];
      const bool both_skin = next.material.is_skin && nearest.material.is_skin;
      if (!(ahead > 0) && !(both_skin && ahead > -kSkinBlend)) continue;
      next.normal = cv::normalize(next.normal);
      if (both_skin && ahead < kSkinBlend) {
        blend(next, nearest);
      } else {
        nearest = next;
      }
    }
  }
}

}  // namespace

std::vector<Fragment> draw(const std::vector<Ellipsoid>& shapes, const View& view) {
  Fragment nothing;
  nothing.point[2] = -std::numeric_limits<float>::infinity();
  std::vector<Fragment> fragments(
      static_cast<std::size_t>(view.side) * static_cast<std::size_t>(view.side), nothing);
  for (const Ellipsoid& shape : shapes) draw_one(shape, view, fragments);
  return fragments;
}

}  // namespace mobireg
