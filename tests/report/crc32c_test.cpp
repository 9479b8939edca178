#include "report/crc32c.h"

#include <string>

#include <catch2/catch.hpp>

namespace mobireg {
namespace {

std::string counting(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(first + step * i);
  return bytes;
}

TEST_CASE("CRC32C gives RFC 3720's answers") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);  // the RFC lists bytes from the lowest
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  CHECK(crc32c(counting(0, 1)) == 0x46DD794E);
  CHECK(crc32c(counting(31, -1)) == 0x113FDB5C);
  CHECK(crc32c("123456789") == 0xE3069283);  // the usual check value
}

TEST_CASE("a masked CRC is turned by 15 bits, plus a constant") {
  // 0xE3069283 turned right by 15 bits is 0x2507C60D.
  CHECK(masked_crc32c("123456789") == 0x2507C60DU + 0xA282EAD8U);
}

}  // namespace
}  // namespace mobireg
