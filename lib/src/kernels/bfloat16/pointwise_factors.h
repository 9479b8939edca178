#pragma once

#include "kernels/bfloat16/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {

/// What the gradient of a weight is made of, as tiles whose depth are the rows: dz, left tiles, and
/// y, right ones.
struct Factors {
  Bfloat16* dz = nullptr;
  Bfloat16* y = nullptr;
  std::int64_t depth = 0;  // tiles: from one row or column of tiles to the next

  Factors() = default;
  Factors(const PointwiseShape& shape, const PointwiseFactors& of)
      : dz(reinterpret_cast<Bfloat16*>(of.values)), depth(blocks_of(of.rows)) {
    y = dz + 2 * groups_of(shape.out) * depth * kTile;
  }
};

/// dw = dz^T y, or dw += dz^T y, from `steps` tiles of the depth on from `first`.
template <class Products>
struct WeightGradient {
  const PointwiseShape& shape;
  const Factors& factors;
  std::int64_t first, steps;
  float* dw;
  float* sums;  // a block's

  /// Rows `begin` to `end` of a block of dw.
  template <bool kAdd>
  MOBIREG_INLINE void block(std::int64_t row, std::int64_t column, std::int64_t begin,
                            std::int64_t end) const {
    const __mmask32 mask = mask_of(shape.in, column);
    float* const to = dw + row * kBlock * shape.in + column * kBlock;
    TileProduct product;
    product.a = factors.dz + (2 * row * factors.depth + first) * kTile;
    product.b = factors.y + (2 * column * factors.depth + first) * kTile;
    product.steps = steps;
    product.next = factors.depth;
    if (begin == 0 && end == kBlock && mask == 0xFFFFFFFFU) {
      product.c = to;
      product.c_stride = shape.in;
      return Products::template multiply<kAdd>(product);
    }
    product.c = sums;
    Products::template multiply<false>(product);
    for (std::int64_t i = begin; i < end; ++i) {
      for (int half = 0; half < 2; ++half) {
        const auto lanes = static_cast<__mmask16>(mask >> 16 * half);
        float* const at = to + i * shape.in + 16 * half;
        __m512 value = _mm512_loadu_ps(sums + i * kBlock + 16 * half);
        if (kAdd) value += _mm512_maskz_loadu_ps(lanes, at);
        _mm512_mask_storeu_ps(at, lanes, value);
      }
    }
  }
};

}  // namespace mobireg::MOBIREG_ISA
