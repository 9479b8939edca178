#pragma once

// Elementary functions without branches or calls, for loops that the compiler turns into vector
// code. Bits are masked where a condition would be plainer: compilers make branches of conditions.
// Polynomials of Cephes (Moshier, single precision); errors are a few units in the last place.

#include <cstdint>
#include <cstring>

namespace mobireg::vector_math {

inline std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float float_of(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Natural logarithm of a normal number above 0.
inline float log(float x) {
  constexpr std::uint32_t kHalfRoot = 0x3F3504F3;  // sqrt(1/2)
  const std::uint32_t above = bits_of(x) - kHalfRoot;
  const std::int32_t exponent = static_cast<std::int32_t>(above) >> 23;
  const float mantissa = float_of((above & 0x007FFFFF) + kHalfRoot);
  const float f = mantissa - 1;  // sqrt(1/2) - 1 to sqrt(2) - 1
  const float square = f * f;
  float p = 7.0376836292e-2F;
  p = p * f - 1.1514610310e-1F;
  p = p * f + 1.1676998740e-1F;
  p = p * f - 1.2420140846e-1F;
  p = p * f + 1.4249322787e-1F;
  p = p * f - 1.6668057665e-1F;
  p = p * f + 2.0000714765e-1F;
  p = p * f - 2.4999993993e-1F;
  p = p * f + 3.3333331174e-1F;
  const auto e = static_cast<float>(exponent);
  const float low = f * square * p - 0.5F * square - 2.12194440e-4F * e;
  return f + low + 0.693359375F * e;
}

/// e to the power of x, which is 0 or less; 0 below -88.
inline float exp_of_negative(float x) {
  const auto n = static_cast<std::int32_t>(x * 1.44269504F - 0.5F);
  const auto whole = static_cast<float>(n);
  const float r = (x - 0.693359375F * whole) + 2.12194440e-4F * whole;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const std::int32_t exponent = n + 127;
  const std::int32_t not_negative = exponent & ~(exponent >> 31);  // 0 where it is
  return (p * r * r + r + 1) * float_of(static_cast<std::uint32_t>(not_negative) << 23);
}

/// Square root of 0 or of a normal number above 0: Newton's steps for 1 / sqrt(x). std::sqrt
/// reports negative numbers in errno and so keeps a loop from becoming vector code.
inline float sqrt(float x) {
  const float half = 0.5F * x;
  float y = float_of(0x5F3759DF - (bits_of(x) >> 1));
  y = y * (1.5F - half * y * y);
  y = y * (1.5F - half * y * y);
  y = y * (1.5F - half * y * y);
  return x * y;
}

struct SinCos {
  float sin;
  float cos;
};

/// Of `turn` / 2^32 of a full turn.
inline SinCos sin_cos_of_turn(std::uint32_t turn) {
  const std::uint32_t quadrant = (turn + 0x20000000U) >> 30;
  const auto rest = static_cast<std::int32_t>(turn - (quadrant << 30));
  const float x = static_cast<float>(rest) * 1.46291807927e-9F;  // 2 pi / 2^32: -pi/4 to pi/4
  const float z = x * x;
  const float s = x + x * z * ((-1.9515295891e-4F * z + 8.3321608736e-3F) * z - 1.6666654611e-1F);
  const float c =
      1 - 0.5F * z +
      z * z * ((2.443315711809948e-5F * z - 1.388731625493765e-3F) * z + 4.166664568298827e-2F);
  const bool swapped = (quadrant & 1) != 0;
  const std::uint32_t sin_sign = (quadrant & 2) << 30;
  const std::uint32_t cos_sign = ((quadrant + 1) & 2) << 30;
  return {float_of(bits_of(swapped ? c : s) ^ sin_sign),
          float_of(bits_of(swapped ? s : c) ^ cos_sign)};
}

}  // namespace mobireg::vector_math
