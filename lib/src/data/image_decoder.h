#pragma once

#include <cstdint>
#include <string_view>

#include "mobireg/config/model_config.h"
#include "mobireg/data/image.h"

namespace mobireg {

enum class ImageFormat { kJpeg, kPng, kBmp, kPnm };

/// What the first bytes of an image file tell.
struct ImageHeader {
  ImageFormat format = ImageFormat::kJpeg;
  int width = 0;  // as stored
  int height = 0;
  int orientation = 1;  // EXIF's 1 to 8; 1 where the file says nothing
};

/// Reads the header from a file's bytes, or from its first ones: enough of them to reach a JPEG's
/// frame header (see `image_file.h`, which reads no more than needed).
/// Throws Error (why, without the file's name) when the bytes are no JPEG, PNG, BMP or PNM, the header
/// is damaged, a side is 0, or the image has more than `max_pixels`.
ImageHeader parse_image_header(std::string_view bytes, std::uint64_t max_pixels);

struct DecodeOptions {
  ColorMode color_mode = ColorMode::kRgb;
  bool exif_orientation = true;
  /// A JPEG may be decoded at 1/2, 1/4 or 1/8, as long as both sides keep this many pixels for each
  /// `of` of the original side; 0: never. (The shorter side for the whole image; the crop's side for
  /// a crop.)
  int min_side = 0;
  double of_side = 0;
  std::uint64_t max_pixels = 64'000'000;
};

/// An image and how much smaller than its file it was decoded.
struct DecodedImage {
  Image image;       // turned upright where asked for
  double scale = 1;  // decoded side / original side: 1, 1/2, 1/4 or 1/8
};

/// Decodes a whole image file: 8-bit RGB or grey. 16-bit samples keep their high byte, alpha is
/// dropped, palettes and CMYK are converted; grey from colour is ITU-R 601, as in Pillow.
/// Throws Error (why, without the file's name) when it is damaged, truncated, or too large. Prints
/// nothing.
DecodedImage decode_image(std::string_view bytes, const DecodeOptions& options);

}  // namespace mobireg
