#pragma once

#include <opencv2/core.hpp>

#include "predict/face.h"

namespace mobireg {

/// Draws a face's box, its pose axes (x red, to the right of the image when the head looks straight
/// ahead; y green, up; z blue, where the nose points) and its points into an 8-bit BGR picture that
/// shows the original `enlarged` times as large.
void draw_face(cv::Mat& picture, const PredictedFace& face, double enlarged);

/// How many times a picture is enlarged before it is drawn on, so that lines can be told apart.
int enlargement(const cv::Mat& picture);

}  // namespace mobireg
