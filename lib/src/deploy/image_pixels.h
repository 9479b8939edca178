#pragma once

#include "mobireg/deploy/predictor.h"
#include "mobireg/image/image.h"

namespace mobireg {

/// The square about a box's centre whose side is the box's longer one and `margin` of it more each
/// way, as training crops. Throws Error when the box is empty or not finite.
CropSquare crop_of(const FaceBox& face, double margin);

/// Floats of one image as the network is fed it.
std::size_t input_values(const InputConfig& input);

/// A ready image (size x size, RGB or grey) as (channels, size, size) floats of 0 to 255.
void to_planes(const Image& image, float* planes);

/// An 8-bit BGR, BGRA or grey image, or a square of it, in the same form. Throws Error when it is
/// empty or of another kind.
void image_pixels(const cv::Mat& image, const CropSquare* crop, const InputConfig& input,
                  float* planes);

}  // namespace mobireg
