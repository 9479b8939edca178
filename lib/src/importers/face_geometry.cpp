#include "importers/face_geometry.h"

#include <algorithm>
#include <cstddef>

namespace mobireg {
namespace {

/// Number of the same point in the mirrored image, in the 68-point scheme of 300-W.
int mirrored_number(int i) {
  if (i <= 16) return 16 - i;  // jaw
  if (i <= 26) return 43 - i;  // brows
  if (i <= 30) return i;       // bridge of the nose
  if (i <= 35) return 66 - i;  // its base
  if (i <= 47) {               // eyes, each from its left corner on, clockwise
    constexpr int kEyes[] = {45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40};
    return kEyes[i - 36];
  }
  if (i <= 54) return 102 - i;  // lips, outer line
  if (i <= 59) return 114 - i;
  if (i <= 64) return 124 - i;  // inner line
  return 132 - i;
}

}  // namespace

FaceBox box_of_landmarks(const std::vector<Point>& points) {
  const auto [left, right] = std::minmax_element(
      points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(
      points.begin(), points.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const double forehead = (bottom->y - top->y) / 4;
  return {left->x, top->y - forehead, right->x, bottom->y};
}

std::vector<Point> in_image_units(std::vector<Point> points, double width, double height) {
  for (Point& point : points) point = {point.x / width, point.y / height};
  return points;
}

std::vector<Point> mirrored_landmarks(const std::vector<Point>& points, double image_width) {
  std::vector<Point> mirrored(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto number = static_cast<std::size_t>(mirrored_number(static_cast<int>(i)));
    mirrored[number] = {image_width - points[i].x, points[i].y};
  }
  return mirrored;
}

}  // namespace mobireg
