#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernel_test.h"

namespace mobireg {

inline float widened(Bfloat16 value) {
  const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16;
  float number = 0;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

/// To nearest, ties to even; NaN stays NaN.
inline Bfloat16 rounded(float number) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  if (std::isnan(number)) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

inline float as_bfloat16(float number) { return widened(rounded(number)); }

inline Guarded& round_all(Guarded& values) {
  for (float& each : values) each = as_bfloat16(each);
  return values;
}

/// Values as the kernels store them, with Guarded's checks.
class Words {
 public:
  /// Those of `values`, or NaN where there are none: what is not written shows.
  Words(const float* values, std::int64_t count) : count_(count), memory_((count + 1) / 2) {
    for (std::int64_t i = 0; i < count; ++i)
      data()[i] = rounded(values != nullptr ? values[i] : NAN);
    if (count % 2 == 1) data()[count] = kUntouched;
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() {
    if (count_ % 2 == 1) CHECK(data()[count_].bits == kUntouched.bits);
  }

  Bfloat16* data() { return reinterpret_cast<Bfloat16*>(memory_.data()); }
  void copy_to(float* values) {
    for (std::int64_t i = 0; i < count_; ++i) values[i] = widened(data()[i]);
  }

 private:
  static constexpr Bfloat16 kUntouched = {0x1234};

  std::int64_t count_;
  Guarded memory_;
};

/// The kernels that store Bfloat16 as functions of floats: x, z and g are copied before and after.
/// One at a time.
class Bfloat16Adapter {
 public:
  explicit Bfloat16Adapter(const KernelsOf<Bfloat16>& kernels) {
    adapted_ = &kernels;
    table_ = {kernels.name,
              kernels.pointwise_packed,
              kernels.pack_pointwise,
              kernels.pack_pointwise_transposed,
              kernels.pointwise_block,
              kernels.pointwise_scratch,
              pointwise_forward,
              pointwise_backward,
              kernels.depthwise_scratch,
              depthwise_forward,
              depthwise_backward,
              kernels.first_scratch,
              first_forward,
              first_backward,
              pool_forward,
              pool_backward,
              kernels.pack_pointwise_part,
              kernels.pack_pointwise_transposed_part,
              kernels.pointwise_factors,
              kernels.pointwise_weight_gradient};
  }

  const Kernels& kernels() const { return table_; }

 private:
  static void pointwise_forward(const PointwiseForward& c) {
    Words x(c.x, c.rows * c.shape.in);
    Words z(nullptr, c.rows * c.shape.out);
    adapted_->pointwise_forward({c.shape, c.rows, x.data(), c.input, c.weight, z.data(),
                                 c.statistics, c.scratch, c.channels});
    z.copy_to(c.z);
  }

  static void pointwise_backward(const PointwiseBackward& c) {
    Words g(c.g, c.rows * c.shape.out);
    Words z(c.z, c.rows * c.shape.out);
    Words x(c.x, c.rows * c.shape.in);
    Words x_g(nullptr, c.rows * c.shape.in);
    adapted_->pointwise_backward({c.shape, c.rows, g.data(), z.data(), c.gradient, x.data(),
                                  c.input, c.weight, input_gradient(c.input_gradient, x_g), c.dw,
                                  c.scratch, c.channels, c.factors});
    if (c.input_gradient.g != nullptr) x_g.copy_to(c.input_gradient.g);
  }

  static void depthwise_forward(const DepthwiseForward& c) {
    const std::int64_t count = c.images * c.shape.height * c.shape.width * c.shape.channels;
    Words x(c.x, count);
    Words z(nullptr, count / (c.shape.stride * c.shape.stride));
    adapted_->depthwise_forward(
        {c.shape, c.images, x.data(), c.input, c.weight, z.data(), c.statistics, c.scratch});
    z.copy_to(c.z);
  }

  static void depthwise_backward(const DepthwiseBackward& c) {
    const std::int64_t count = c.images * c.shape.height * c.shape.width * c.shape.channels;
    Words g(c.g, count / (c.shape.stride * c.shape.stride));
    Words z(c.z, count / (c.shape.stride * c.shape.stride));
    Words x(c.x, count);
    Words x_g(nullptr, count);
    adapted_->depthwise_backward({c.shape, c.images, g.data(), z.data(), c.gradient, x.data(),
                                  c.input, c.weight, input_gradient(c.input_gradient, x_g), c.dw,
                                  c.scratch});
    if (c.input_gradient.g != nullptr) x_g.copy_to(c.input_gradient.g);
  }

  static void first_forward(const FirstForward& c) {
    Words z(nullptr, c.images * c.shape.height / 2 * c.shape.width / 2 * c.shape.out);
    adapted_->first_forward({c.shape, c.images, c.x, c.weight, z.data(), c.statistics, c.scratch});
    z.copy_to(c.z);
  }

  static void first_backward(const FirstBackward& c) {
    const std::int64_t count = c.images * c.shape.height / 2 * c.shape.width / 2 * c.shape.out;
    Words g(c.g, count);
    Words z(c.z, count);
    adapted_->first_backward(
        {c.shape, c.images, g.data(), z.data(), c.gradient, c.x, c.dw, c.scratch});
  }

  static void pool_forward(const PoolForward& c) {
    Words x(c.x, c.images * c.shape.pixels * c.shape.channels);
    adapted_->pool_forward({c.shape, c.images, x.data(), c.input, c.y});
  }

  static void pool_backward(const PoolBackward& c) {
    const std::int64_t count = c.images * c.shape.pixels * c.shape.channels;
    Words x(c.x, count);
    Words x_g(nullptr, count);
    adapted_->pool_backward(
        {c.shape, c.images, c.dy, x.data(), c.input, input_gradient(c.input_gradient, x_g)});
    if (c.input_gradient.g != nullptr) x_g.copy_to(c.input_gradient.g);
  }

  static InputGradientOf<Bfloat16> input_gradient(const InputGradient& of, Words& g) {
    return {of.g != nullptr ? g.data() : nullptr, of.sum, of.product, of.mean};
  }

  static inline const KernelsOf<Bfloat16>* adapted_ = nullptr;
  Kernels table_ = {};
};

/// Calls body(kernels) for all that store Bfloat16 and that this processor runs.
template <class Body>
void for_bfloat16_kernels(Body&& body) {
  int count = 0;
  const KernelsOf<Bfloat16>* const* all = all_bfloat16_kernels(count);
  if (count == 0) WARN("not tested: this processor lacks AVX512-BF16");
  for (int i = 0; i < count; ++i) {
    CAPTURE(all[i]->name);
    body(Bfloat16Adapter(*all[i]).kernels());
  }
}

/// Half a unit of a Bfloat16's last place, as a share of the value.
inline constexpr double kHalfUnit = 1.0 / 256;

/// The largest difference past the rounding of each expected value to Bfloat16, as a share of the
/// largest expected value; NaN if there is one.
template <class Expected>
double difference_past_rounding(const Guarded& found, const Expected& expected) {
  double difference = 0;
  double largest = 1e-30;
  for (std::int64_t i = 0; i < found.size(); ++i) {
    const double size = std::abs(static_cast<double>(expected[i]));
    const double apart = std::abs(found[i] - static_cast<double>(expected[i]));
    if (std::isnan(apart)) return apart;
    difference = std::max(difference, apart - kHalfUnit * size);
    largest = std::max(largest, size);
  }
  return difference / largest;
}

}  // namespace mobireg
