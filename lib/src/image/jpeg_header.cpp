#include "image/byte_order.h"
#include "image/exif.h"
#include "image/jpeg_decoder.h"

namespace mobireg {
namespace {

using namespace std::string_view_literals;

bool is_frame_header(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

ImageHeader parse_frame_header(int marker, std::string_view bytes) {
  const std::uint32_t precision = big_endian(bytes.substr(0, 1));
  const std::uint32_t components = big_endian(bytes.substr(5, 1));
  if (marker > 0xC2) {
    fail("the JPEG file is {}; baseline and progressive ones are read",
         marker < 0xC8 ? "lossless or hierarchical" : "arithmetically coded");
  }
  if (precision != 8) fail("the JPEG file has {} bits a sample; 8 are read", precision);
  if (components != 1 && components != 3 && components != 4) {
    fail("the JPEG file has {} components; 1 (grey), 3 (colour) and 4 (CMYK) are read", components);
  }
  ImageHeader header;
  header.height = static_cast<int>(big_endian(bytes.substr(1, 2)));
  header.width = static_cast<int>(big_endian(bytes.substr(3, 2)));
  return header;
}

}  // namespace

ImageHeader parse_jpeg_header(const ReadAt& read) {
  constexpr int kMaxSteps = 100'000;  // segments and stray bytes
  int orientation = 1;
  std::uint64_t at = 2;
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::string_view bytes = read_all(read, at, 4, "JPEG");
    const auto marker = static_cast<int>(big_endian(bytes.substr(1, 1)));
    const std::uint32_t length = big_endian(bytes.substr(2, 2));
    if (bytes[0] != '\xFF' || marker == 0xFF || marker == 0x00) {
      at += 1;  // fill bytes, or stray ones, which libjpeg passes over too
      continue;
    }
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
      at += 2;
      continue;
    }
    if (is_frame_header(marker)) {
      ImageHeader header = parse_frame_header(marker, read_all(read, at + 4, 6, "JPEG"));
      header.orientation = orientation;
      return header;
    }
    if (length < 2 || (marker >= 0xD8 && marker <= 0xDA)) break;
    if (marker == 0xE1 && length >= 8 && read(at + 4, 6) == "Exif\0\0"sv && orientation == 1) {
      orientation = read_exif_orientation(read, at + 10, length - 8);
    }
    at += 2 + length;
  }
  fail("the JPEG file is damaged: it has no frame header");
}

}  // namespace mobireg
