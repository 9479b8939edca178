#pragma once

#include "mobireg/image/image.h"

namespace mobireg {

/// The image as it is meant to be seen, by its EXIF orientation (1 to 8).
Image turn_upright(Image image, int orientation);

}  // namespace mobireg
