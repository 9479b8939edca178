#pragma once

// GCC 12 takes what these leave undefined, on purpose, for a mistake.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "kernels/isa.h"
#include "kernels/kernels.h"

// Vectors of Bfloat16. A register, and a line of the cache, hold a group of 32. As floats they are
// two vectors, which is cheapest where one takes those at even places, the other those at odd ones:
// a Bfloat16 is the upper half of a float. So all that has one value a channel, and the depth of
// matrix products, is kept in this order, group by group: even places, then odd ones.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kGroup = 32;

MOBIREG_INLINE std::int64_t groups_of(std::int64_t channels) {
  return (channels + kGroup - 1) / kGroup;
}

/// The channels of group g that are there.
MOBIREG_INLINE __mmask32 mask_of(std::int64_t channels, std::int64_t g) {
  const std::int64_t left = channels - g * kGroup;
  return left >= kGroup ? 0xFFFFFFFFU : (1U << left) - 1;
}

/// Where in its group the value at a place of this order is.
constexpr int channel_at(int place) { return place < 16 ? 2 * place : 2 * (place - 16) + 1; }

/// A group as floats.
struct Pair {
  __m512 even, odd;
};

MOBIREG_INLINE __m512i load_words(const Bfloat16* at, __mmask32 mask) {
  return _mm512_maskz_loadu_epi16(mask, at);
}

MOBIREG_INLINE Pair widen(__m512i words) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(words, 16)),
          _mm512_castsi512_ps(_mm512_and_epi32(words, _mm512_set1_epi32(~0xFFFF)))};
}

/// Rounded to Bfloat16; those of the first half come first.
MOBIREG_INLINE __m512i round_words(__m512 first, __m512 second) {
  return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

/// Exact: for what is a Bfloat16 already. In the order of the memory.
MOBIREG_INLINE __m512i join_words(Pair group) {
  return _mm512_or_epi32(_mm512_srli_epi32(_mm512_castps_si512(group.even), 16),
                         _mm512_castps_si512(group.odd));
}

/// A group of floats, 0 where the mask is.
MOBIREG_INLINE Pair load_pair(const float* at, __mmask32 mask) {
  const __m512 first = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), at);
  const __m512 second = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16), at + 16);
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  return {_mm512_permutex2var_ps(first, even, second), _mm512_permutex2var_ps(first, odd, second)};
}

MOBIREG_INLINE void store_pair(float* at, Pair group, __mmask32 mask) {
  const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
  _mm512_mask_storeu_ps(at, static_cast<__mmask16>(mask),
                        _mm512_permutex2var_ps(group.even, first, group.odd));
  _mm512_mask_storeu_ps(at + 16, static_cast<__mmask16>(mask >> 16),
                        _mm512_permutex2var_ps(group.even, second, group.odd));
}

/// A group kept in this order.
MOBIREG_INLINE Pair load_ordered(const float* at) {
  return {_mm512_loadu_ps(at), _mm512_loadu_ps(at + 16)};
}

MOBIREG_INLINE void store_ordered(float* at, Pair group) {
  _mm512_storeu_ps(at, group.even);
  _mm512_storeu_ps(at + 16, group.odd);
}

/// Of two rows' groups, in this order: the two values of each channel side by side, channels in the
/// order of the memory.
struct Interleaved {
  __m512i first, second;
};

MOBIREG_INLINE Interleaved interleave(__m512i row, __m512i next) {
  const __m512i low = _mm512_unpacklo_epi16(row, next);
  const __m512i high = _mm512_unpackhi_epi16(row, next);
  const __m512i first = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 16, 24, 17, 25, 18, 26, 19, 27);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(4));
  return {_mm512_permutex2var_epi32(low, first, high),
          _mm512_permutex2var_epi32(low, second, high)};
}

/// 16 rows of 16 columns of 32 bits.
MOBIREG_INLINE void transpose(__m512i (&rows)[16]) {
  __m512i pairs[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512i even_top = _mm512_shuffle_i32x4(rows[j], rows[4 + j], 0x88);
    const __m512i odd_top = _mm512_shuffle_i32x4(rows[j], rows[4 + j], 0xDD);
    const __m512i even_bottom = _mm512_shuffle_i32x4(rows[8 + j], rows[12 + j], 0x88);
    const __m512i odd_bottom = _mm512_shuffle_i32x4(rows[8 + j], rows[12 + j], 0xDD);
    rows[j] = _mm512_shuffle_i32x4(even_top, even_bottom, 0x88);
    rows[4 + j] = _mm512_shuffle_i32x4(odd_top, odd_bottom, 0x88);
    rows[8 + j] = _mm512_shuffle_i32x4(even_top, even_bottom, 0xDD);
    rows[12 + j] = _mm512_shuffle_i32x4(odd_top, odd_bottom, 0xDD);
  }
}

}  // namespace mobireg::MOBIREG_ISA
