#pragma once

// What x, z and g are stored as: all sources of a set of kernels see the same type, and read and
// write it as floats.

#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/partial.h"

namespace mobireg::MOBIREG_ISA {

#if defined(__AVX512BF16__)

using Stored = Bfloat16;

MOBIREG_INLINE Vector widen(__m256i words) {
  return (Vector)_mm512_maskz_slli_epi32(0xFFFF, _mm512_maskz_cvtepu16_epi32(0xFFFF, words), 16);
}

MOBIREG_INLINE __m256i round_to_words(Vector value) {
  return (__m256i)_mm512_cvtneps_pbh((__m512)value);
}

MOBIREG_INLINE Vector load(const Bfloat16* at) {
  return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}

MOBIREG_INLINE void store(Bfloat16* at, Vector value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), round_to_words(value));
}

MOBIREG_INLINE Vector load_partial(const Bfloat16* at, std::int64_t count) {
  return widen(_mm256_maskz_loadu_epi16(static_cast<__mmask16>((1U << count) - 1), at));
}

MOBIREG_INLINE void store_partial(Bfloat16* at, Vector value, std::int64_t count) {
  _mm256_mask_storeu_epi16(at, static_cast<__mmask16>((1U << count) - 1), round_to_words(value));
}

MOBIREG_INLINE float load_one(const Bfloat16* at) { return load_partial(at, 1)[0]; }
MOBIREG_INLINE void store_one(Bfloat16* at, float value) { store_partial(at, Vector{} + value, 1); }

/// What will be read where the value is stored. Sums are of these: normalised with them, what is
/// read has a mean of 0.
MOBIREG_INLINE Vector as_stored(Vector value) { return widen(round_to_words(value)); }
MOBIREG_INLINE float as_stored(float value) { return as_stored(Vector{} + value)[0]; }

#else

using Stored = float;

MOBIREG_INLINE Vector as_stored(Vector value) { return value; }
MOBIREG_INLINE float as_stored(float value) { return value; }

#endif

MOBIREG_INLINE float load_one(const float* at) { return *at; }
MOBIREG_INLINE void store_one(float* at, float value) { *at = value; }

}  // namespace mobireg::MOBIREG_ISA
