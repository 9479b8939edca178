#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "deploy/hashed_network.h"

namespace mobireg {

struct MadeNetwork {
  int size = 32;
  double alpha = 0.25;
  int channels = 3;
  bool normalized = true;          // has a mean and a scale
  std::vector<int> hidden{16, 0};  // of each head; 0: no hidden layer
  int depth_multiplier = 1;
};

/// Head i has i + 1 outputs.
inline Network made_network(const MadeNetwork& made) {
  HashedNetworkOptions options{
      made.size, made.channels, made.alpha, made.depth_multiplier, made.normalized, {}};
  for (const int hidden : made.hidden) {
    const int i = static_cast<int>(options.heads.size());
    options.heads.push_back({"head" + std::to_string(i), hidden, i + 1});
  }
  return hashed_network(options);
}

/// Whole numbers of 0 to 255, or what a normalised network is fed.
inline std::vector<float> made_images(const Network& network, std::int64_t count) {
  const auto values = static_cast<std::size_t>(count * network.input_channels * network.input_size *
                                               network.input_size);
  const bool pixels = !network.normalization.mean.empty();
  std::vector<float> images = hashed_values("images", values, pixels ? 128 : 2);
  if (!pixels) return images;
  for (float& pixel : images) pixel = std::min(std::floor(pixel + 128), 255.0F);
  return images;
}

}  // namespace mobireg
