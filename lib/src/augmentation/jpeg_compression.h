#pragma once

#include "augmentation/pixel_view.h"

namespace mobireg {

/// Clips to 0 to 255 and rounds, compresses as JPEG of `quality` (1 to 100) with halved colour
/// resolution (4:2:0, as Pillow and OpenCV do) and decompresses; in memory. Throws Error when there
/// is no memory.
void jpeg_compression(const PixelView& image, int quality);

}  // namespace mobireg
