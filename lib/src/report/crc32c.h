#pragma once

#include <cstdint>
#include <string_view>

namespace mobireg {

/// The cyclic redundancy check of RFC 3720 (polynomial 0x1EDC6F41, reflected).
std::uint32_t crc32c(std::string_view bytes);

/// As TFRecord files store it: turned right by 15 bits, plus 0xA282EAD8, so that the checksum of
/// bytes which hold checksums is a good one too.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace mobireg
