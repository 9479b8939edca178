#pragma once

#include "mobireg/image/image.h"

namespace mobireg {

/// The whole image as `size` x `size` pixels. `kNearest` takes the pixels that Pillow takes.
Image resize_image(const ImageView& image, int size, Interpolation interpolation);

/// A square of the image as `size` x `size` pixels; where it leaves the image, the border is
/// repeated. The crop of the whole of a square image is `resize_image`.
Image crop_image(const ImageView& image, const CropSquare& square, int size,
                 Interpolation interpolation);

}  // namespace mobireg
