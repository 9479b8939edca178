#pragma once

#include <string_view>

#include "image/image_decoder.h"

namespace mobireg {

/// Throws Error as `parse_image_header` does; run-length coding is refused.
ImageHeader parse_bmp_header(const ReadAt& read);

/// Decodes to RGB. Throws Error when the file is truncated.
Image decode_bmp(std::string_view bytes);

}  // namespace mobireg
