#pragma once

// Vectors of which only the first lanes are there: the last channels where they don't fill one.

#include "kernels/isa.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace mobireg::MOBIREG_ISA {

/// `count` floats (at least 1, at most kLanes), 0 in the lanes after them.
MOBIREG_INLINE Vector load_partial(const float* at, std::int64_t count) {
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1), at);
#else
  if (count == kLanes) return load(at);
  Vector value = {};
  for (std::int64_t i = 0; i < count; ++i) value[i] = at[i];
  return value;
#endif
}

MOBIREG_INLINE void store_partial(float* at, Vector value, std::int64_t count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(at, static_cast<__mmask16>((1U << count) - 1), value);
#else
  if (count == kLanes) return store(at, value);
  for (std::int64_t i = 0; i < count; ++i) at[i] = value[i];
#endif
}

}  // namespace mobireg::MOBIREG_ISA
