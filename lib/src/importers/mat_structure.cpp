#include "importers/mat_structure.h"

#include <zlib.h>

#include <array>
#include <cstdint>

#include "core/fail.h"

namespace mobireg {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kTagBytes = 8;
constexpr std::size_t kMaxInflatedBytes = std::size_t{1} << 28;
constexpr std::uint32_t kMatrix = 14;
constexpr std::uint32_t kCompressed = 15;

/// Whether numbers are little-endian.
bool check_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) {
    fail("it is no MATLAB file: it has fewer than {} bytes", kHeaderBytes);
  }
  const std::string_view version = bytes.substr(124, 4);
  if (version == "\x00\x02IM"sv || version == "\x02\x00MI"sv) {
    fail("it is of MATLAB version 7.3 (HDF5); save it with -v7");
  }
  if (version != "\x00\x01IM"sv && version != "\x01\x00MI"sv) {
    fail("it is no MATLAB file of version 5");
  }
  return version.back() == 'M';
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, bool little_endian) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t shift = 8 * (little_endian ? i : 3 - i);
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << shift;
  }
  return number;
}

/// Whether `data` is one zlib stream, whole and with the right checksum.
bool inflates(std::string_view data) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::array<Bytef, 16384> buffer;
  int status = Z_OK;
  while (status == Z_OK && stream.total_out <= kMaxInflatedBytes) {
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

}  // namespace

void check_mat_structure(std::string_view bytes) {
  const bool little_endian = check_header(bytes);
  std::size_t at = kHeaderBytes;
  while (at < bytes.size()) {
    if (bytes.size() - at < kTagBytes) fail("it is truncated");
    const std::uint32_t type = number_at(bytes, at, little_endian);
    const std::uint32_t size = number_at(bytes, at + 4, little_endian);
    if (type != kMatrix && type != kCompressed) fail("it is damaged at byte {}", at);
    at += kTagBytes;
    if (size > bytes.size() - at) fail("it is truncated");
    if (type == kCompressed && !inflates(bytes.substr(at, size))) {
      fail("the compressed variable at byte {} is damaged", at);
    }
    at += size;
  }
}

}  // namespace mobireg
