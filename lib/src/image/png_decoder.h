#pragma once

#include <string_view>

#include "image/image_decoder.h"

namespace mobireg {

/// Throws Error as `parse_image_header` does. The orientation is that of an eXIf chunk in front of
/// the pixels.
ImageHeader parse_png_header(const ReadAt& read);

/// Decodes to grey or RGB, as the file is; gamma and colour profiles are ignored. `header` must be
/// of these bytes. Throws Error when the file is damaged or truncated.
Image decode_png(std::string_view bytes, const ImageHeader& header);

}  // namespace mobireg
