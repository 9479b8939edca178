#pragma once

#include "kernels/bfloat16/first.h"

// A pixel of z reads three rows of 3 * channels values that lie side by side: a product of
// matrices whose left one overlaps itself. A tap is one of the nine times channels values. The
// last pixel of a row of z lacks the last column of taps, the last row the last row.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kStatistics = 3 * kLanes;  // of a vector of channels: shift, sum, square
constexpr std::int64_t kGradientFloats = 2048;    // of dz at a time: a quarter of a small L1 cache

MOBIREG_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

MOBIREG_INLINE std::int64_t vectors_of(const FirstShape& shape) {
  return (shape.out + kLanes - 1) / kLanes;
}

/// Channels in vector v.
MOBIREG_INLINE std::int64_t filled(const FirstShape& shape, std::int64_t v) {
  return smaller(kLanes, shape.out - v * kLanes);
}

/// Rows of z whose dz is kept at a time.
MOBIREG_INLINE std::int64_t rows_kept(const FirstShape& shape) {
  const std::int64_t rows = kGradientFloats / (shape.width / 2 * vectors_of(shape) * kLanes);
  return smaller(shape.height / 2, rows < 1 ? 1 : rows);
}

}  // namespace mobireg::MOBIREG_ISA
