#include "image/image_decoder.h"

#include <algorithm>
#include <utility>

#include "core/cpu_dispatch.h"
#include "image/bmp_decoder.h"
#include "image/jpeg_decoder.h"
#include "image/orientation.h"
#include "image/png_decoder.h"
#include "image/pnm_decoder.h"

namespace mobireg {
namespace {

int jpeg_reduction(const ImageHeader& header, const DecodeOptions& options) {
  if (options.min_side <= 0) return 1;
  const double side = options.of_side > 0 ? options.of_side : std::min(header.width, header.height);
  int reduction = 8;
  while (reduction > 1 && side / reduction < options.min_side) reduction /= 2;
  return reduction;
}

Image decode(std::string_view bytes, const ImageHeader& header, int reduction) {
  switch (header.format) {
    case ImageFormat::kJpeg:
      return decode_jpeg(bytes, header, reduction);
    case ImageFormat::kPng:
      return decode_png(bytes, header);
    case ImageFormat::kBmp:
      return decode_bmp(bytes);
    case ImageFormat::kPnm:
      return decode_pnm(bytes);
  }
  return {};
}

/// Pillow's fixed-point weights of ITU-R 601.
MOBIREG_CPU_CLONES
void mix_channels(const std::uint8_t* rgb, std::size_t pixels, std::uint8_t* grey) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const int sum = rgb[3 * i] * 19595 + rgb[3 * i + 1] * 38470 + rgb[3 * i + 2] * 7471;
    grey[i] = static_cast<std::uint8_t>((sum + 0x8000) >> 16);
  }
}

Image to_grey(const Image& colour) {
  Image grey{colour.height, colour.width, 1, {}};
  grey.pixels.resize(grey.view().size());
  mix_channels(colour.pixels.data(), grey.pixels.size(), grey.pixels.data());
  return grey;
}

Image to_rgb(const Image& grey) {
  Image colour{grey.height, grey.width, 3, {}};
  colour.pixels.resize(colour.view().size());
  std::uint8_t* rgb = colour.pixels.data();
  for (const std::uint8_t value : grey.pixels) rgb = std::fill_n(rgb, 3, value);
  return colour;
}

}  // namespace

DecodedImage decode_image(std::string_view bytes, const DecodeOptions& options) {
  const ImageHeader header = parse_image_header(bytes, options.max_pixels);
  const int reduction = header.format == ImageFormat::kJpeg ? jpeg_reduction(header, options) : 1;
  Image image = decode(bytes, header, reduction);
  const bool wants_grey = options.color_mode == ColorMode::kGrayscale;
  if (wants_grey && image.channels == 3) image = to_grey(image);
  if (!wants_grey && image.channels == 1) image = to_rgb(image);
  if (options.exif_orientation) image = turn_upright(std::move(image), header.orientation);
  return {std::move(image), 1.0 / reduction};
}

}  // namespace mobireg
