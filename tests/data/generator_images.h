#pragma once

#include <torch/types.h>

#include <string>

#include "augmentation/hashed_image.h"

namespace mobireg {

/// (height, width, channels) float.
inline torch::Tensor hashed_pixels(const std::string& name, int size, int channels) {
  const Image image = hashed_image(name, size, size, channels);
  return torch::tensor(image.pixels).reshape({size, size, channels}).to(torch::kFloat);
}

}  // namespace mobireg
