#pragma once

#include <string>

#include "mobireg/config/model_config.h"
#include "mobireg/image/image.h"

namespace mobireg {

/// What training feeds the network of an image file: the whole image, or a square of the upright
/// image in its pixels. JPEGs are decoded at the scale that training decodes them at. Throws Error
/// (without the file's name) when it cannot be decoded.
Image file_pixels(const std::string& bytes, const CropSquare* crop, const InputConfig& input);

}  // namespace mobireg
