#include <algorithm>

#include "core/fail.h"
#include "image/bmp_decoder.h"
#include "image/image_decoder.h"
#include "image/image_signature.h"
#include "image/jpeg_decoder.h"
#include "image/png_decoder.h"
#include "image/pnm_decoder.h"

namespace mobireg {
namespace {

ImageHeader parse(const ReadAt& read) {
  switch (detect_format(read(0, kSignatureBytes))) {
    case ImageFormat::kJpeg:
      return parse_jpeg_header(read);
    case ImageFormat::kPng:
      return parse_png_header(read);
    case ImageFormat::kBmp:
      return parse_bmp_header(read);
    case ImageFormat::kPnm:
      return parse_pnm_header(read);
  }
  return {};
}

}  // namespace

ImageHeader parse_image_header(const ReadAt& read, std::uint64_t max_pixels) {
  const ImageHeader header = parse(read);
  if (header.width <= 0 || header.height <= 0) {
    fail("the image has no pixels ({}x{})", header.width, header.height);
  }
  const auto width = static_cast<std::uint64_t>(header.width);
  if (width * static_cast<std::uint64_t>(header.height) > max_pixels) {
    fail("the image has {}x{} pixels; at most {} megapixels are read", header.width, header.height,
         static_cast<double>(max_pixels) / 1e6);
  }
  return header;
}

ImageHeader parse_image_header(std::string_view bytes, std::uint64_t max_pixels) {
  const ReadAt read = [bytes](std::uint64_t at, std::size_t size) {
    return at < bytes.size() ? bytes.substr(static_cast<std::size_t>(at), size)
                             : std::string_view();
  };
  return parse_image_header(read, max_pixels);
}

}  // namespace mobireg
