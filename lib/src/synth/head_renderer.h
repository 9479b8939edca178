#pragma once

#include "synth/head_scene.h"

namespace mobireg {

/// Draws the scene: a square picture, CV_8UC3, blue-green-red. `size`: its side in pixels.
cv::Mat3b render_head(const HeadScene& scene, int size);

/// Where the picture of `render_head` shows a point of the head (head coordinates): x to the right
/// and y down, in pixels from the picture's top left corner.
cv::Point2f project(const HeadScene& scene, int size, const cv::Vec3f& point);

}  // namespace mobireg
