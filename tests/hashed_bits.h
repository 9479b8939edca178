#pragma once

#include <cstdint>
#include <string>

namespace mobireg {

/// Element `i` of the hash formula of tests/fixtures/README.md, before scaling: 64 random bits.
inline std::uint64_t hashed_bits(const std::string& name, std::uint64_t i) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::uint64_t z = hash + (i + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace mobireg
