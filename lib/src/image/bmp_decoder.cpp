#include "image/bmp_decoder.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "image/byte_order.h"

namespace mobireg {
namespace {

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;  // OS/2's
constexpr std::uint32_t kInfoHeaderBytes = 40;

enum Compression : std::uint32_t { kNone = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlpha = 6 };

using Rgb = std::array<std::uint8_t, 3>;

struct BmpHeader {
  std::uint32_t pixels_at = 0;
  std::uint32_t size = 0;  // of the header behind the file header
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;
  std::uint32_t compression = kNone;

  std::size_t row_bytes() const { return (static_cast<std::size_t>(width) * bits + 31) / 32 * 4; }
};

void check(const BmpHeader& header) {
  if (header.compression == kRle8 || header.compression == kRle4) {
    fail("the BMP file is run-length coded; uncompressed BMP files are read");
  }
  const bool has_masks = header.compression == kBitFields || header.compression == kAlpha;
  if (header.compression != kNone && !has_masks) {
    fail("the BMP file has compression {}; uncompressed BMP files are read", header.compression);
  }
  const std::array<std::uint32_t, 6> known{1, 4, 8, 16, 24, 32};
  if (std::find(known.begin(), known.end(), header.bits) == known.end() ||
      (has_masks && header.bits != 16 && header.bits != 32)) {
    fail("the BMP file is damaged: {} bits a pixel", header.bits);
  }
}

BmpHeader parse(const ReadAt& read) {
  const std::string_view first = read_all(read, 0, kFileHeaderBytes + 4, "BMP");
  BmpHeader header;
  header.pixels_at = little_endian(first.substr(10, 4));
  header.size = little_endian(first.substr(14, 4));
  const bool core = header.size == kCoreHeaderBytes;
  if (!core && (header.size < kInfoHeaderBytes || header.size > 256)) {
    fail("the BMP file is damaged: its header has {} bytes", header.size);
  }
  const std::string_view bytes = read_all(read, kFileHeaderBytes, header.size, "BMP");
  const auto number = [&](std::size_t at, std::size_t size) {
    return little_endian(bytes.substr(at, size));
  };
  const std::size_t side_bytes = core ? 2 : 4;
  header.width = number(4, side_bytes);
  header.height = number(4 + side_bytes, side_bytes);
  if (!core) {
    header.width = static_cast<std::int32_t>(header.width);
    header.top_down = static_cast<std::int32_t>(header.height) < 0;
    header.height = std::abs(std::int64_t{static_cast<std::int32_t>(header.height)});
    header.compression = number(16, 4);
  }
  header.bits = number(6 + 2 * side_bytes, 2);
  check(header);
  constexpr std::int64_t kMaxSide = 0x7FFFFFFF;
  if (header.width < 0 || header.height > kMaxSide) {
    fail("the BMP file is damaged: it has {}x{} pixels", header.width, header.height);
  }
  return header;
}

/// Part of a pixel's number as 0 to 255.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const std::uint32_t lowest = mask & (~mask + 1);
  const std::uint64_t value = (pixel & mask) / lowest;
  return static_cast<std::uint8_t>(std::min<std::uint64_t>(value * 255 / (mask / lowest), 255));
}

void decode_palette_row(std::string_view row, std::uint32_t bits,
                        const std::array<Rgb, 256>& palette, std::size_t width, std::uint8_t* out) {
  const std::uint32_t per_byte = 8 / bits;
  for (std::size_t x = 0; x < width; ++x) {
    const auto byte = static_cast<unsigned char>(row[x / per_byte]);
    const std::uint32_t shift = 8 - bits * (x % per_byte + 1);
    out = std::copy_n(palette[byte >> shift & ((1U << bits) - 1)].begin(), 3, out);
  }
}

void decode_masked_row(std::string_view row, std::uint32_t bits,
                       const std::array<std::uint32_t, 3>& masks, std::size_t width,
                       std::uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t pixel = little_endian(row.substr(x * (bits / 8), bits / 8));
    for (const std::uint32_t mask : masks) *out++ = masked(pixel, mask);
  }
}

std::array<Rgb, 256> read_palette(std::string_view bytes, const BmpHeader& header) {
  const std::size_t entry_bytes = header.size == kCoreHeaderBytes ? 3 : 4;
  const std::size_t begin = kFileHeaderBytes + header.size;
  const std::size_t end = std::min<std::size_t>(header.pixels_at, bytes.size());
  std::array<Rgb, 256> palette{};  // what the file does not say is black
  for (std::size_t i = 0; i < (std::size_t{1} << header.bits); ++i) {
    const std::size_t at = begin + i * entry_bytes;
    if (at + entry_bytes > end) break;
    for (std::size_t c = 0; c < 3; ++c)
      palette[i][c] = static_cast<std::uint8_t>(bytes[at + 2 - c]);
  }
  return palette;
}

std::array<std::uint32_t, 3> read_masks(std::string_view bytes, const BmpHeader& header) {
  if (header.compression == kNone && header.bits == 16) return {0x7C00, 0x03E0, 0x001F};
  if (header.compression == kNone) return {0xFF0000, 0x00FF00, 0x0000FF};
  constexpr std::size_t kMasksAt = kFileHeaderBytes + kInfoHeaderBytes;
  if (bytes.size() < kMasksAt + 12) fail("the BMP file ends too early");
  std::array<std::uint32_t, 3> masks{};
  for (std::size_t i = 0; i < 3; ++i) masks[i] = little_endian(bytes.substr(kMasksAt + 4 * i, 4));
  return masks;
}

}  // namespace

ImageHeader parse_bmp_header(const ReadAt& read) {
  const BmpHeader header = parse(read);
  return {ImageFormat::kBmp, static_cast<int>(header.width), static_cast<int>(header.height), 1};
}

Image decode_bmp(std::string_view bytes) {
  const BmpHeader header =
      parse([bytes](std::uint64_t at, std::size_t size) { return bytes.substr(at, size); });
  const auto width = static_cast<std::size_t>(header.width);
  const auto height = static_cast<std::size_t>(header.height);
  if (header.pixels_at > bytes.size() ||
      (bytes.size() - header.pixels_at) / header.row_bytes() < height) {
    fail("the BMP file ends too early");
  }
  Image image{static_cast<int>(height), static_cast<int>(width), 3, {}};
  image.pixels.resize(image.view().size());
  const bool has_palette = header.bits <= 8;
  const auto palette = has_palette ? read_palette(bytes, header) : std::array<Rgb, 256>{};
  const auto masks = has_palette ? std::array<std::uint32_t, 3>{} : read_masks(bytes, header);
  for (std::size_t y = 0; y < height; ++y) {
    const std::string_view row =
        bytes.substr(header.pixels_at + y * header.row_bytes(), header.row_bytes());
    std::uint8_t* out = &image.pixels[(header.top_down ? y : height - 1 - y) * width * 3];
    if (has_palette) {
      decode_palette_row(row, header.bits, palette, width, out);
    } else {
      decode_masked_row(row, header.bits, masks, width, out);
    }
  }
  return image;
}

}  // namespace mobireg
