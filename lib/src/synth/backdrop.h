#pragma once

#include <vector>

#include "mobireg/core/random.h"
#include "synth/ellipsoid.h"

namespace mobireg {

/// A soft-edged spot. Positions and lengths are fractions of the picture's side, y down.
struct Blob {
  cv::Vec2f center;
  cv::Vec2f radii;
  Colour colour;
};

/// What stands behind the head: a gradient, over it stripes, over them blobs.
struct Backdrop {
  Colour from = rgb(0.55F, 0.60F, 0.65F);
  Colour to = rgb(0.75F, 0.77F, 0.80F);
  float gradient_angle = 0;    ///< Radians; 0: from left to right.
  float stripe_strength = 0;   ///< 0: none, 1: black and white.
  float stripe_angle = 0;      ///< Radians.
  float stripe_period = 0.2F;  ///< A fraction of the picture's side.
  std::vector<Blob> blobs;
};

Backdrop random_backdrop(Random& random);

/// A square picture, CV_32FC3, values mostly in 0..1. `size`: its side in pixels.
cv::Mat3f paint_backdrop(const Backdrop& backdrop, int size);

}  // namespace mobireg
