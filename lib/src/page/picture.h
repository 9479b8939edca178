#pragma once

#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/core/rotation.h"
#include "mobireg/page/figures.h"

namespace mobireg {

/// Whether any output is an angle of the head's pose.
bool has_pose(const std::vector<OutputConfig>& outputs);

/// An image as an SVG element, with the pose axes (red, green, blue for x, y, z) or the points
/// (each with the colour of its number) that its labels say drawn over it. description: for those
/// who do not see it, plain text.
std::string picture_svg(const LabelledImage& picture, const std::vector<OutputConfig>& outputs,
                        const std::string& description);

/// The same with what was predicted drawn over it, and what is true beside: axes dashed, points
/// white, with a line to where they were predicted. predicted: as the picture's own labels.
std::string compared_svg(const LabelledImage& truth, const std::vector<float>& predicted,
                         const std::vector<OutputConfig>& outputs, const std::string& description);

/// "pitch 3°, yaw -20°": the labels that are no coordinates, at most 4. HTML.
std::string labels_html(const LabelledImage& picture, const std::vector<OutputConfig>& outputs);

/// The three axes as SVG lines from `x`, `y`, the furthest first. style: a class of each.
std::string axes_svg(const Pose& pose, double x, double y, double length, const char* style = "");

/// A point's colour, by its number of all points: from red through green to violet.
std::string point_colour(std::size_t point, std::size_t points);

}  // namespace mobireg
