#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "bfloat16_adapter.h"
#include "pointwise_results.h"

// A 1x1 convolution in plain loops in double, whose factors are rounded as the kernels that store
// Bfloat16 round them.

namespace mobireg::bfloat16_pointwise {

// Sums in float of up to some thousand products.
inline constexpr double kTolerance = 5e-6;

using Doubles = std::vector<double>;

using pointwise::Case;
using pointwise::case_of;
using pointwise::Results;

// Channels and rows below, at and above a tile's and a group's, odd ones too; more rows than are
// worked on at a time.
inline std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t in : {1, 9, 16, 24, 32, 40}) {
    for (const std::int64_t out : {1, 8, 19, 32, 48, 65}) {
      for (const std::int64_t rows : {1, 16, 37}) all.push_back(case_of(in, out, rows));
    }
  }
  for (const std::int64_t rows : {255, 257, 700}) {
    all.push_back(case_of(32, 64, rows));
    all.push_back(case_of(19, 9, rows));
    all.push_back(case_of(137, 129, rows));
  }
  all.push_back(case_of(259, 777, 150));
  all.push_back(case_of(1024, 512, 13));
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
  Doubles y, dz, rounded_weight;  // the products' factors

  Inputs(const Case& c, bool activation)
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
    round_all(g.fill(6, -1, 1));
    round_all(z.fill(7, -2, 2));
    gradient_scale.fill(8, 0.5F, 1.5F);
    slope.fill(9, -0.1F, 0.1F);
    constant.fill(10, -0.1F, 0.1F);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const std::int64_t channel = i % c.shape.in;
      const float value = x[i] * scale[channel] + offset[channel];
      y.push_back(as_bfloat16(activation ? std::min(std::max(value, 0.0F), 6.0F) : x[i]));
    }
    for (std::int64_t i = 0; i < g.size(); ++i) {
      const std::int64_t o = i % c.shape.out;
      const float rest = std::fma(z[i], slope[o], constant[o]);
      dz.push_back(as_bfloat16(std::fma(g[i], gradient_scale[o], rest)));
    }
    for (const float each : weight) rounded_weight.push_back(as_bfloat16(each));
  }

  /// Some rows of another's.
  Inputs(const Inputs& from, const Case& c, std::int64_t first, std::int64_t rows)
      : Inputs(case_of(c.shape.in, c.shape.out, rows), true) {
    const auto take = [&](Guarded& to, const Guarded& all, std::int64_t channels) {
      std::copy_n(all.data() + first * channels, rows * channels, to.begin());
    };
    take(x, from.x, c.shape.in);
    take(g, from.g, c.shape.out);
    take(z, from.z, c.shape.out);
  }

  bool clipped(const Case& c, std::int64_t i) const {
    const std::int64_t channel = i % c.shape.in;
    const float value = x[i] * scale[channel] + offset[channel];
    return value <= 0 || value >= 6;
  }
};

inline Doubles expected_z(const Case& c, const Inputs& inputs) {
  Doubles z(c.rows * c.shape.out);
  for (std::int64_t i = 0; i < c.rows * c.shape.out; ++i) {
    const double* y = &inputs.y[i / c.shape.out * c.shape.in];
    const double* weight = &inputs.rounded_weight[i % c.shape.out * c.shape.in];
    for (std::int64_t k = 0; k < c.shape.in; ++k) z[i] += y[k] * weight[k];
  }
  return z;
}

struct Gradients {
  Doubles g, dw;
};

inline Gradients expected_gradients(const Case& c, const Inputs& inputs, bool activation) {
  const std::int64_t in = c.shape.in;
  Gradients all{Doubles(c.rows * in), Doubles(c.shape.out * in)};
  for (std::int64_t i = 0; i < c.rows * c.shape.out; ++i) {
    const std::int64_t row = i / c.shape.out;
    const std::int64_t o = i % c.shape.out;
    for (std::int64_t k = 0; k < in; ++k) {
      all.g[row * in + k] += inputs.dz[i] * inputs.rounded_weight[o * in + k];
      all.dw[o * in + k] += inputs.dz[i] * inputs.y[row * in + k];
    }
  }
  for (std::int64_t i = 0; activation && i < c.rows * in; ++i) {
    if (inputs.clipped(c, i)) all.g[i] = 0;
  }
  return all;
}

struct Wanted {
  bool activation = true;
  bool statistics = true;
  bool input_gradient = true;
  bool sums = true;
  bool dw = true;
  ChannelRange channels;
  PointwiseFactors factors;
};

inline Activation activation_of(const Inputs& inputs, const Wanted& wanted) {
  if (!wanted.activation) return {};
  return {inputs.scale.data(), inputs.offset.data()};
}

inline void forward(const Kernels& kernels, const Case& c, const Inputs& inputs,
                    const Wanted& wanted, Results& results) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  BlockStatistics statistics;
  if (wanted.statistics) {
    statistics = {results.shift.data(), results.sum.data(), results.square.data()};
  }
  kernels.pointwise_forward({c.shape, c.rows, inputs.x.data(), activation_of(inputs, wanted),
                             packed.data(), results.z.data(), statistics, scratch.data(),
                             wanted.channels});
}

inline void backward(const Kernels& kernels, const Case& c, const Inputs& inputs,
                     const Wanted& wanted, Results& results) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise_transposed(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  InputGradient input;
  if (wanted.input_gradient) input.g = results.g.data();
  if (wanted.sums) {
    input.sum = results.g_sum.data();
    input.product = results.product.data();
    input.mean = inputs.mean.data();
  }
  kernels.pointwise_backward(
      {c.shape,
       c.rows,
       inputs.g.data(),
       inputs.z.data(),
       {inputs.gradient_scale.data(), inputs.slope.data(), inputs.constant.data()},
       inputs.x.data(),
       activation_of(inputs, wanted),
       packed.data(),
       input,
       wanted.dw ? results.dw.data() : nullptr,
       scratch.data(),
       wanted.channels,
       wanted.factors});
}

inline bool all_nan(Guarded& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
}

}  // namespace mobireg::bfloat16_pointwise
