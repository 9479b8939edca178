#pragma once

#include <vector>

namespace mobireg {

/// x to the right, y down, from the image's left and top edge: the first pixel's centre is 0.5.
struct Point {
  double x = 0;
  double y = 0;
};

/// In pixels of the image.
struct FaceBox {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// What holds all of the points, with its top raised by a quarter of its height: the 68 points end
/// at the brows, a face does not.
FaceBox box_of_landmarks(const std::vector<Point>& points);

/// Points in pixels as fractions of the image's sides.
std::vector<Point> in_image_units(std::vector<Point> points, double width, double height);

/// The 68 points of the left-to-right mirrored image, each at the number it has there (the left
/// eye's corner becomes the right one's).
std::vector<Point> mirrored_landmarks(const std::vector<Point>& points, double image_width);

}  // namespace mobireg
