#pragma once

#include <array>
#include <cstdint>

#include "core/sha256.h"
#include "mobireg/image/image.h"

namespace mobireg {

/// By which images are compared. `near` signatures are those of one image's grey version, and of
/// its mirror image.
struct ImageSignature {
  /// 16 x 16 means of the grey image, from their mean, scaled to bytes: what two images are
  /// correlated by.
  using Patch = std::array<std::int8_t, 256>;

  Sha256Digest digest{};  // of the pixels and the sides
  std::uint64_t hash = 0;
  std::uint64_t mirrored_hash = 0;
  Patch patch{};
  bool is_flat = false;  // one grey all over: like nothing, unless exactly
};

/// The hash is the perceptual hash of Zauner ("Implementation and benchmarking of perceptual image
/// hash functions", 2010; pHash): the signs about their median of 64 low frequencies of the 32 x 32
/// grey image's discrete cosine transform, the mean left out.
ImageSignature signature_of(const ImageView& image);

/// Correlation of two patches, -1 to 1; 0 when one is flat.
double correlation(const ImageSignature& a, const ImageSignature& b);

/// The same with the mirror image of `b`.
double mirrored_correlation(const ImageSignature& a, const ImageSignature& b);

}  // namespace mobireg
