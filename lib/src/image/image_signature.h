#pragma once

#include <string_view>

#include "image/image_decoder.h"

namespace mobireg {

/// How many of a file's first bytes tell what it is.
inline constexpr std::size_t kSignatureBytes = 64;

/// By a file's first bytes, whatever its name says.
/// Throws Error when it is none of the formats that are read, with its name where that is known.
ImageFormat detect_format(std::string_view first_bytes);

}  // namespace mobireg
