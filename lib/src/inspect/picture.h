#pragma once

#include <string>
#include <vector>

#include "mobireg/core/rotation.h"
#include "mobireg/inspect/inspect.h"

namespace mobireg {

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
