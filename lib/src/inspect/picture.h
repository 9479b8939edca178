#pragma once

#include <array>
#include <string>
#include <vector>

#include "mobireg/core/rotation.h"
#include "mobireg/inspect/inspect.h"

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

/// The pose among an output's targets; angles that are no outputs are 0. False when there is none,
/// or one is missing.
bool pose_of(const std::vector<OutputConfig>& outputs, const std::vector<float>& targets,
             Pose& pose);

/// An image as an SVG element, with the pose axes (red, green, blue for x, y, z) or the points
/// (each with the colour of its number) that its labels say drawn over it. description: for those
/// who do not see it, plain text.
std::string picture_svg(const LabelledImage& picture, const std::vector<OutputConfig>& outputs,
                        const std::string& description);

/// "pitch 3°, yaw -20°": the labels that are no coordinates, at most 4. HTML.
std::string labels_html(const LabelledImage& picture, const std::vector<OutputConfig>& outputs);

/// The three axes as SVG lines from `x`, `y`, the furthest first.
std::string axes_svg(const Pose& pose, double x, double y, double length);

/// A point's colour, by its number of all points: from red through green to violet.
std::string point_colour(std::size_t point, std::size_t points);

}  // namespace mobireg
