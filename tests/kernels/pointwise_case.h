#pragma once

// The 1x1 convolution in plain loops of doubles, and layers to compare the kernels with them on.

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "pointwise_results.h"

namespace mobireg::pointwise {

// Channels below, at and above the widths of registers and tiles, odd ones too; rows for each
// height of a tile, and more than are worked on at a time; depths that are cut into steps.
inline std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t in : {1, 9, 16, 24, 40}) {
    for (const std::int64_t out : {1, 8, 19, 32, 48, 65}) {
      for (const std::int64_t rows : {1, 5, 29}) all.push_back(case_of(in, out, rows));
    }
  }
  for (std::int64_t rows = 1; rows <= 30; ++rows) all.push_back(case_of(33, 20, rows));
  for (const std::int64_t rows : {127, 300, 700}) {
    all.push_back(case_of(32, 64, rows));
    all.push_back(case_of(19, 9, rows));
    all.push_back(case_of(137, 129, rows));
  }
  all.push_back(case_of(512, 300, 40));
  all.push_back(case_of(259, 777, 150));
  all.push_back(case_of(1024, 1024, 13));
  return all;
}

// Multiples of `step`: what the activation compares with 0 and 6 is exact, and often equal.
inline void fill_steps(Guarded& values, std::uint32_t seed, int low, int high, float step) {
  std::mt19937 random(seed);
  for (float& each : values) {
    each = step * static_cast<float>(low + static_cast<int>(random() % (high - low + 1)));
  }
}

struct Inputs {
  Guarded x, scale, offset, mean, weight;
  Guarded g, z, gradient_scale, slope, constant;

  explicit Inputs(const Case& c)
      : x(c.rows * c.shape.in),
        scale(c.shape.in),
        offset(c.shape.in),
        mean(c.shape.in),
        weight(c.shape.in * c.shape.out),
        g(c.rows * c.shape.out),
        z(c.rows * c.shape.out),
        gradient_scale(c.shape.out),
        slope(c.shape.out),
        constant(c.shape.out) {
    fill_steps(x, 1, -16, 40, 0.25F);
    fill_steps(scale, 2, 1, 4, 0.5F);
    fill_steps(offset, 3, -4, 4, 0.5F);
    mean.fill(4, -1, 2);
    weight.fill(5, -1, 1);
    g.fill(6, -1, 1);
    z.fill(7, -2, 2);
    gradient_scale.fill(8, 0.5F, 1.5F);
    slope.fill(9, -0.1F, 0.1F);
    constant.fill(10, -0.1F, 0.1F);
  }
};

using Doubles = std::vector<double>;

inline double activated(const Case& c, const Inputs& inputs, bool activation, std::int64_t i) {
  if (!activation) return inputs.x[i];
  const std::int64_t channel = i % c.shape.in;
  const double value = static_cast<double>(inputs.x[i]) * inputs.scale[channel];
  return std::min(std::max(value + inputs.offset[channel], 0.0), 6.0);
}

inline Doubles expected_forward(const Case& c, const Inputs& inputs, bool activation) {
  const std::int64_t in = c.shape.in;
  const std::int64_t out = c.shape.out;
  Doubles z(c.rows * out);
  for (std::int64_t row = 0; row < c.rows; ++row) {
    for (std::int64_t i = 0; i < in; ++i) {
      const double y = activated(c, inputs, activation, row * in + i);
      for (std::int64_t o = 0; o < out; ++o) z[row * out + o] += y * inputs.weight[o * in + i];
    }
  }
  return z;
}

struct Gradients {
  Doubles g, sum, product, dw;
};

inline double expected_dz(const Case& c, const Inputs& inputs, std::int64_t i) {
  const std::int64_t channel = i % c.shape.out;
  return static_cast<double>(inputs.g[i]) * inputs.gradient_scale[channel] +
         static_cast<double>(inputs.z[i]) * inputs.slope[channel] + inputs.constant[channel];
}

inline Gradients expected_backward(const Case& c, const Inputs& inputs, bool activation) {
  const std::int64_t in = c.shape.in;
  const std::int64_t out = c.shape.out;
  Gradients all{Doubles(c.rows * in), Doubles(in), Doubles(in), Doubles(out * in)};
  for (std::int64_t row = 0; row < c.rows; ++row) {
    Doubles y(in);
    for (std::int64_t i = 0; i < in; ++i) y[i] = activated(c, inputs, activation, row * in + i);
    for (std::int64_t o = 0; o < out; ++o) {
      const double dz = expected_dz(c, inputs, row * out + o);
      for (std::int64_t i = 0; i < in; ++i) {
        all.g[row * in + i] += dz * inputs.weight[o * in + i];
        all.dw[o * in + i] += dz * y[i];
      }
    }
    for (std::int64_t i = 0; i < in; ++i) {
      double& g = all.g[row * in + i];
      if (activation && (y[i] <= 0 || y[i] >= 6)) g = 0;
      all.sum[i] += g;
      all.product[i] += g * (static_cast<double>(inputs.x[row * in + i]) - inputs.mean[i]);
    }
  }
  return all;
}

}  // namespace mobireg::pointwise
