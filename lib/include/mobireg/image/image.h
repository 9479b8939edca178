#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// 8-bit pixels that someone else owns: rows from the top, channels together (HWC), in RGB order or
/// grey.
struct ImageView {
  int height = 0;
  int width = 0;
  int channels = 0;
  const std::uint8_t* pixels = nullptr;

  std::size_t size() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
};

/// 8-bit pixels, rows from the top, channels together (HWC), in RGB order or grey.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;

  ImageView view() const { return {height, width, channels, pixels.data()}; }
};

/// A part of an image in its pixels: from its left edge at `left` to its right one at `left +
/// side`. It may leave the image; the border is then repeated.
struct CropSquare {
  double left = 0;
  double top = 0;
  double side = 0;
};

/// Reads an image file (JPEG, PNG, BMP or PNM, told by its signature) and brings it to the
/// network's input: its colour mode, orientation and, by its interpolation, `size` x `size` pixels
/// (the aspect ratio is not kept, as in Keras). At most 64 megapixels. Throws Error naming the file
/// and why it cannot be read.
Image read_image(const std::filesystem::path& path, const InputConfig& input);

}  // namespace mobireg
