#include "image/exif.h"

#include "image/byte_order.h"

namespace mobireg {

int read_exif_orientation(const ReadAt& read, std::uint64_t at, std::uint64_t size) {
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::uint64_t kEntryBytes = 12;
  using namespace std::string_view_literals;

  if (size < 8) return 1;
  std::string_view bytes = read(at, 8);
  const bool little = bytes.substr(0, 4) == "II*\0"sv;
  if (bytes.size() < 8 || (!little && bytes.substr(0, 4) != "MM\0*"sv)) return 1;
  const auto number = [&](std::size_t from, std::size_t count) {
    const std::string_view part = bytes.substr(from, count);
    return little ? little_endian(part) : big_endian(part);
  };

  const std::uint64_t directory = number(4, 4);
  bytes = read(at + directory, 2);
  if (bytes.size() < 2) return 1;
  const std::uint32_t entries = number(0, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t entry = directory + 2 + kEntryBytes * i;
    if (entry + kEntryBytes > size) return 1;
    bytes = read(at + entry, kEntryBytes);
    if (bytes.size() < kEntryBytes) return 1;
    if (number(0, 2) != kOrientationTag) continue;
    const bool is_short = number(2, 2) == 3;
    const std::uint32_t value = number(8, is_short ? 2 : 4);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace mobireg
