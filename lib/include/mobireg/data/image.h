#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// 8-bit pixels, rows from the top, channels together (HWC), in RGB order or grey.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;
};

/// Reads an image file and brings it to the network's input: its colour mode and, by its
/// interpolation, `size` x `size` pixels (the aspect ratio is not kept, as in Keras).
/// Throws Error naming the file and why it cannot be read.
Image read_image(const std::filesystem::path& path, const InputConfig& input);

}  // namespace mobireg
