#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "fixture.h"

namespace mobireg {

inline std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

inline const nlohmann::json& pillow_images() {
  static const nlohmann::json images = read_fixture("pillow_images.json");
  return images;
}

/// The file of a case of pillow_images.json.
inline std::string image_file(const std::string& name) {
  for (const nlohmann::json& image : pillow_images()) {
    if (image["name"] == name) return from_hex(image["file"]);
  }
  throw std::runtime_error("no image " + name);
}

/// `bytes` with `size` of them replaced by `other`.
inline std::string replaced(std::string bytes, std::size_t at, std::size_t size,
                            const std::string& other) {
  return bytes.replace(at, size, other);
}

/// A number as the bytes of a file, the highest first.
inline std::string big_endian_bytes(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

inline std::string little_endian_bytes(std::uint32_t value, int count) {
  const std::string bytes = big_endian_bytes(value, count);
  return {bytes.rbegin(), bytes.rend()};
}

}  // namespace mobireg
