#pragma once

#include <vector>

#include "synth/ellipsoid.h"

namespace mobireg {

/// What is nearest to the viewer at one sample of a picture.
struct Fragment {
  cv::Vec3f point;   ///< Camera coordinates; z is -infinity where nothing was drawn.
  cv::Vec3f normal;  ///< Length 1, towards the viewer.
  Material material;
};

/// Where the samples of a square picture lie: parallel rays along z.
struct View {
  int side = 0;      ///< Samples along each side of the picture.
  float unit = 1;    ///< Samples for one head unit.
  cv::Vec2f center;  ///< Sample that shows the head's origin, x right and y down.

  float x_at(int column) const { return (static_cast<float>(column) + 0.5F - center[0]) / unit; }
  float y_at(int row) const { return (center[1] - static_cast<float>(row) - 0.5F) / unit; }
};

/// The nearest fragment of each sample, row by row.
std::vector<Fragment> draw(const std::vector<Ellipsoid>& shapes, const View& view);

}  // namespace mobireg
