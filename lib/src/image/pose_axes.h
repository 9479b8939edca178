#pragma once

#include <array>
#include <optional>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/core/rotation.h"

namespace mobireg {

/// One axis of a head as it is seen: from the head's origin to (x, y), in units of its length, x to
/// the right and y down the image; `depth` towards the viewer.
struct SeenAxis {
  double x = 0;
  double y = 0;
  double depth = 0;
};

/// The head's x (through the ear at the right of the image, when it looks into the camera), y
/// (through the crown) and z (where the nose points).
std::array<SeenAxis, 3> seen_axes(const Pose& pose);

/// Indices of the axes, the furthest first: the order to draw them in.
std::array<std::size_t, 3> drawing_order(const std::array<SeenAxis, 3>& axes);

/// The pose among the values, one an output in its unit; angles that are no outputs are 0. None
/// when there is no angle, or one is missing.
std::optional<Pose> pose_of(const std::vector<OutputConfig>& outputs,
                            const std::vector<float>& values);

}  // namespace mobireg
