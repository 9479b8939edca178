#pragma once

#include <string_view>

#include "image/image_decoder.h"

namespace mobireg {

/// Throws Error as `parse_image_header` does.
ImageHeader parse_jpeg_header(const ReadAt& read);

/// Decodes a JPEG at 1/`reduction` (1, 2, 4 or 8) of its size, rounded up: grey or RGB, as the file
/// is. The same pixels as Pillow's `convert("RGB")`. `header` must be of these bytes.
/// Throws Error when it is damaged or truncated.
Image decode_jpeg(std::string_view bytes, const ImageHeader& header, int reduction);

}  // namespace mobireg
