#include "deploy/half.h"

#include <cmath>
#include <cstring>

namespace mobireg {
namespace {

constexpr std::uint32_t kInfinity = 0x7F800000;
constexpr std::uint32_t kSmallestNormalHalf = 0x38800000;  // 2^-14
constexpr std::uint32_t kTooLargeForHalf = 0x47800000;     // 2^16
constexpr std::uint32_t kRebias = (127 - 15) << 23;

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

}  // namespace

std::uint16_t to_half(float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  std::uint32_t half = 0;
  if (magnitude > kInfinity) {
    half = 0x7E00;
  } else if (magnitude >= kTooLargeForHalf) {
    half = 0x7C00;
  } else if (magnitude < kSmallestNormalHalf) {
    // A float of 0.5 to 1 has steps of 2^-24, as subnormal halves have: the addition rounds.
    half = bits_of(std::fabs(value) + 0.5F) - bits_of(0.5F);
  } else {
    const std::uint32_t is_odd = magnitude >> 13 & 1;
    half = (magnitude - kRebias + 0xFFF + is_odd) >> 13;  // a carry reaches the exponent
  }
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | half);
}

float from_half(std::uint16_t half) {
  const int exponent = half >> 10 & 0x1F;
  const int fraction = half & 0x3FF;
  float magnitude = 0;
  if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else if (exponent == 31) {
    magnitude = fraction == 0 ? INFINITY : NAN;
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace mobireg
