#pragma once

#include <cstdint>

#include "image/image_decoder.h"

namespace mobireg {

/// EXIF's orientation, 1 to 8, of the `size` bytes at `at`, which begin with the TIFF header;
/// 1 where there is none, or the data is damaged: it only describes the image.
int read_exif_orientation(const ReadAt& read, std::uint64_t at, std::uint64_t size);

}  // namespace mobireg
