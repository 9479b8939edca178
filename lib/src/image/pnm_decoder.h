#pragma once

#include <string_view>

#include "image/image_decoder.h"

namespace mobireg {

/// Throws Error as `parse_image_header` does; a maximal value above 65535 is refused.
ImageHeader parse_pnm_header(const ReadAt& read);

/// Decodes the first image, P1 to P6, to grey or RGB. Samples of up to 65535 keep their high byte,
/// others are scaled to 255. Throws Error when the file is truncated, or a sample of text is no
/// number or too large.
Image decode_pnm(std::string_view bytes);

}  // namespace mobireg
