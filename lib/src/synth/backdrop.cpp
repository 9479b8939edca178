#include "synth/backdrop.h"

#include <algorithm>
#include <cmath>

#include "synth/random_float.h"

namespace mobireg {
namespace {

Colour random_colour(Random& random) {
  const float brightness = uniform(random, 0.45F, 0.95F);
  return {brightness * uniform(random, 0.8F, 1), brightness * uniform(random, 0.8F, 1),
          brightness * uniform(random, 0.8F, 1)};
}

Blob random_blob(Random& random) {
  return {{uniform(random, 0, 1), uniform(random, 0, 1)},
          {uniform(random, 0.05F, 0.4F), uniform(random, 0.05F, 0.4F)},
          random_colour(random)};
}

/// 1 at the blob's middle, 0 from its edge on.
float coverage(const Blob& blob, const cv::Vec2f& at) {
  const float dx = (at[0] - blob.center[0]) / blob.radii[0];
  const float dy = (at[1] - blob.center[1]) / blob.radii[1];
  // Steep, so that a blob has a body and a soft rim.
  return std::clamp(2.5F * (1 - dx * dx - dy * dy), 0.0F, 1.0F);
}

/// Where `at` lies along a direction, in periods of the picture's side; 0 in the picture's middle.
float along(float angle, const cv::Vec2f& at) {
  return std::cos(angle) * (at[0] - 0.5F) + std::sin(angle) * (at[1] - 0.5F);
}

Colour colour_at(const Backdrop& backdrop, const cv::Vec2f& at) {
  const float share = std::clamp(along(backdrop.gradient_angle, at) + 0.5F, 0.0F, 1.0F);
  Colour colour = mix(backdrop.from, backdrop.to, share);
  if (backdrop.stripe_strength > 0) {
    const float periods = along(backdrop.stripe_angle, at) / backdrop.stripe_period;
    colour *= 1 + backdrop.stripe_strength * std::sin(2 * kPi * periods);
  }
  for (const Blob& blob : backdrop.blobs) colour = mix(colour, blob.colour, coverage(blob, at));
  return colour;
}

}  // namespace

Backdrop random_backdrop(Random& random) {
  Backdrop backdrop;
  backdrop.from = random_colour(random);
  backdrop.to = random_colour(random);
  backdrop.gradient_angle = uniform(random, 0, 2 * kPi);
  if (happens(random, 0.25)) {
    backdrop.stripe_strength = uniform(random, 0.04F, 0.15F);
    backdrop.stripe_angle = uniform(random, 0, kPi);
    backdrop.stripe_period = uniform(random, 0.06F, 0.4F);
  }
  if (happens(random, 0.4)) {
    const std::uint64_t count = 1 + random.below(3);
    for (std::uint64_t i = 0; i < count; ++i) backdrop.blobs.push_back(random_blob(random));
  }
  return backdrop;
}

cv::Mat3f paint_backdrop(const Backdrop& backdrop, int size) {
  cv::Mat3f picture(size, size);
  const float pixel = 1 / static_cast<float>(size);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const cv::Vec2f at = {(static_cast<float>(x) + 0.5F) * pixel,
                            (static_cast<float>(y) + 0.5F) * pixel};
      picture(y, x) = colour_at(backdrop, at);
    }
  }
  return picture;
}

}  // namespace mobireg
