#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "mobireg/config/model_config.h"
#include "mobireg/image/image.h"

namespace mobireg {

enum class ImageFormat { kJpeg, kPng, kBmp, kPnm };

/// What the first bytes of an image file tell.
struct ImageHeader {
  ImageFormat format = ImageFormat::kJpeg;
  int width = 0;  // as stored
  int height = 0;
  int orientation = 1;  // EXIF's 1 to 8; 1 where the file says nothing
};

/// Up to `size` bytes of a file from `at` on, fewer only where it ends; valid until the next call.
using ReadAt = std::function<std::string_view(std::uint64_t at, std::size_t size)>;

/// Reads the header, and little else: segments of a JPEG are leapt over.
/// Throws Error (why, without the file's name) when the bytes are no JPEG, PNG, BMP or PNM, the
/// header is damaged, a side is 0, the image has more than `max_pixels`, or it is of a kind that is
/// not decoded (RLE, arithmetic coding, 12 bits).
ImageHeader parse_image_header(const ReadAt& read, std::uint64_t max_pixels);

/// The same from a file's bytes, or from enough of its first ones to reach a JPEG's frame header.
ImageHeader parse_image_header(std::string_view bytes, std::uint64_t max_pixels);

struct DecodeOptions {
  ColorMode color_mode = ColorMode::kRgb;
  bool exif_orientation = true;
  /// A JPEG is decoded at the smallest of 1, 1/2, 1/4 and 1/8 at which `of_side` of its pixels are
  /// still `min_side`; 0: always at 1.
  int min_side = 0;
  double of_side = 0;  // of a crop's side; 0: the image's shorter one
  std::uint64_t max_pixels = 64'000'000;
};

/// An image and how much smaller than its file it was decoded.
struct DecodedImage {
  Image image;       // turned upright where asked for
  double scale = 1;  // decoded side / original side: 1, 1/2, 1/4 or 1/8
};

/// Decodes a whole image file: 8-bit RGB or grey, the same pixels as Pillow's `convert("RGB")` and
/// `convert("L")`. 16-bit samples keep their high byte, alpha is dropped, palettes and CMYK are
/// converted; grey from colour is ITU-R 601.
/// Throws Error (why, without the file's name) as `parse_image_header` does, and when the file is
/// damaged or truncated. Prints nothing.
DecodedImage decode_image(std::string_view bytes, const DecodeOptions& options);

}  // namespace mobireg
