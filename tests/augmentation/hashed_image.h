#pragma once

#include <string>

#include "hashed_bits.h"
#include "mobireg/image/image.h"

namespace mobireg {

/// Random pixels, the same as the scripts of scripts/reference/ make.
inline Image hashed_image(const std::string& name, int height, int width, int channels) {
  Image image{height, width, channels, {}};
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(height * width * channels); ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(hashed_bits(name, i) >> 56));
  }
  return image;
}

}  // namespace mobireg
