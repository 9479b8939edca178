#pragma once

#include "augmentation/pixel_view.h"
#include "mobireg/core/random.h"

namespace mobireg {

/// Adds normal noise of mean `loc` and standard deviation `scale` (of 0 to 255), the same to all
/// channels of a pixel unless `per_channel`; nothing is clipped. imgaug's AdditiveGaussianNoise on
/// float images.
void add_gaussian_noise(const PixelView& image, double loc, double scale, bool per_channel,
                        Random& random);

/// Sets each pixel (with `per_channel`, each value) to 0 with probability `p`. imgaug's Dropout.
void dropout(const PixelView& image, double p, bool per_channel, Random& random);

/// Fills a rectangle of `area` (fraction of the image) and `aspect` (height over width) somewhere
/// in the image with values uniform in [0, 255) (Zhong, Zheng, Kang, Li, Yang: "Random erasing data
/// augmentation", 2020). False, and nothing done, when such a rectangle is larger than the image.
bool erase_rectangle(const PixelView& image, double area, double aspect, Random& random);

}  // namespace mobireg
