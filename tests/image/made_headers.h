#pragma once

#include <string>

#include "image/pillow_images.h"

namespace mobireg {

using std::string_literals::operator""s;

/// A JPEG's segment.
inline std::string segment(int marker, const std::string& data) {
  return "\xFF"s + static_cast<char>(marker) +
         big_endian_bytes(static_cast<std::uint32_t>(data.size() + 2), 2) + data;
}

inline std::string frame_header(int width, int height, int components = 3, int precision = 8) {
  return static_cast<char>(precision) + big_endian_bytes(static_cast<std::uint32_t>(height), 2) +
         big_endian_bytes(static_cast<std::uint32_t>(width), 2) + static_cast<char>(components);
}

/// A JPEG as far as its frame header.
inline std::string jpeg_of(const std::string& segments, int width = 30, int height = 20) {
  return "\xFF\xD8" + segments + segment(0xC0, frame_header(width, height));
}

/// An EXIF segment with one entry, big-endian.
inline std::string exif(int type, const std::string& value, int tag = 0x0112, int directory = 8,
                        int entries = 1) {
  return segment(0xE1,
                 "Exif\0\0MM\0*"s + big_endian_bytes(static_cast<std::uint32_t>(directory), 4) +
                     big_endian_bytes(static_cast<std::uint32_t>(entries), 2) +
                     big_endian_bytes(static_cast<std::uint32_t>(tag), 2) +
                     big_endian_bytes(static_cast<std::uint32_t>(type), 2) + "\0\0\0\1"s + value);
}

inline std::string png_header(std::uint32_t width, std::uint32_t height) {
  return "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s + big_endian_bytes(width, 4) +
         big_endian_bytes(height, 4) + "\x08\2\0\0\0crc."s;
}

inline std::string bmp_header(std::uint32_t width, std::uint32_t height, int bits = 24,
                              std::uint32_t compression = 0, std::uint32_t size = 40) {
  return "BM"s + std::string(8, '\0') + little_endian_bytes(54, 4) + little_endian_bytes(size, 4) +
         little_endian_bytes(width, 4) + little_endian_bytes(height, 4) + "\1\0"s +
         little_endian_bytes(static_cast<std::uint32_t>(bits), 2) +
         little_endian_bytes(compression, 4) + std::string(20, '\0');
}

}  // namespace mobireg
