#pragma once

#include "kernels/depthwise_rows.h"

// What the backward pass of the depthwise convolution works on, a slice of channels at a time.

namespace mobireg::MOBIREG_ISA {

/// A slice of one image. An x_g that nobody wants is one pixel, written again and again.
struct GradientImage {
  Lines<const Stored> g, z, x;
  Lines<Stored> x_g;
  std::int64_t width;  // of x
  std::int64_t z_width;
};

/// Where a slice's sums are added up; sum and product from its first tile on.
struct SliceSums {
  Lines<float> dw, sum, product;
};

/// One part of a slice: its weights and sums stay where they are over all rows.
struct GradientPart {
  Transform transform;
  Vector scale, slope, constant;  // of dz
  Vector weight[9], dw[9];
  Vector mean, sum, product;

  template <bool kWhole>
  MOBIREG_INLINE void begin(const DepthwiseBackwardOf<Stored>& call, std::int64_t slice, int part) {
    const std::int64_t channels = call.shape.channels;
    const auto coefficient = [&](const float* values, float otherwise)
        __attribute__((always_inline)) {
      return Coefficient{values, otherwise}.template load<kWhole>(channels, slice, part);
    };
    transform.begin<kWhole>(call.input, channels, slice, part);
    scale = coefficient(call.gradient.scale, 1.0F);
    slope = coefficient(call.gradient.slope, 0.0F);
    constant = coefficient(call.gradient.constant, 0.0F);
    mean = coefficient(call.input_gradient.mean, 0.0F);
    const Lines<const float> weights = lines_of(call.weight, channels, slice);
#pragma GCC unroll 9
    for (int k = 0; k < 9; ++k) {
      weight[k] = weights.template load<kWhole>(k, part);
      dw[k] = Vector{};
    }
    sum = Vector{};
    product = Vector{};
  }

  MOBIREG_INLINE Vector dz(Vector g, Vector z) const { return g * scale + (z * slope + constant); }

  /// dz of one pixel of z, to which y of a pixel of x contributed by weight k.
  MOBIREG_INLINE void add(Vector& dy, Vector dz, Vector y, int k) {
    dy += dz * weight[k];
    dw[k] += dz * y;
  }

  /// g of a pixel of x.
  MOBIREG_INLINE Vector x_g(Vector dy, Vector x) {
    const Vector gradient = as_stored(transform.unclipped(x, dy));
    sum += gradient;
    product += gradient * (x - mean);
    return gradient;
  }
};

}  // namespace mobireg::MOBIREG_ISA
