#pragma once

#include <cstdint>
#include <string_view>

#include "core/fail.h"
#include "image/image_decoder.h"

namespace mobireg {

/// An unsigned number of up to 4 bytes, the highest first.
inline std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// An unsigned number of up to 4 bytes, the lowest first.
inline std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    value = value << 8 | static_cast<unsigned char>(*byte);
  }
  return value;
}

/// All of `size` bytes. Throws Error naming the format when the file ends before.
inline std::string_view read_all(const ReadAt& read, std::uint64_t at, std::size_t size,
                                 const char* format) {
  const std::string_view bytes = read(at, size);
  if (bytes.size() < size) fail("the {} file ends too early", format);
  return bytes;
}

}  // namespace mobireg
