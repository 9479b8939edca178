#pragma once

#include "kernels/isa.h"

#if defined(__SSE2__)
#include <immintrin.h>  // its functions are always inlined
#endif

namespace mobireg::MOBIREG_ISA {

// min(max(value, 0), 6); NaN stays NaN.
MOBIREG_INLINE Vector relu6(Vector value) {
  const Vector none = {};
  const Vector six = none + 6.0F;
  // The instructions give the second value if one is NaN. The compiler does not find them itself.
#if defined(__AVX512F__)
  value = (Vector)_mm512_maskz_max_ps(0xFFFF, (__m512)none, (__m512)value);
  return (Vector)_mm512_maskz_min_ps(0xFFFF, (__m512)six, (__m512)value);
#elif defined(__AVX2__)
  return (Vector)_mm256_min_ps((__m256)six, _mm256_max_ps((__m256)none, (__m256)value));
#elif defined(__SSE2__)
  return (Vector)_mm_min_ps((__m128)six, _mm_max_ps((__m128)none, (__m128)value));
#else
  value = none > value ? none : value;
  return six < value ? six : value;
#endif
}

MOBIREG_INLINE float relu6(float value) {
  value = 0 > value ? 0 : value;
  return 6 < value ? 6 : value;
}

// Passes `gradient` where relu6 did not clip `value`.
MOBIREG_INLINE Vector relu6_gradient(Vector value, Vector gradient) {
  const Vector none = {};
  return (value > none) & (value < none + 6.0F) ? gradient : none;
}

}  // namespace mobireg::MOBIREG_ISA
