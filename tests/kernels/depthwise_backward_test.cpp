// The depthwise convolution's gradients against plain loops in double, for all that this processor
// runs.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <catch2/catch.hpp>

#include "depthwise_case.h"

namespace mobireg {
namespace {

struct Gradient {
  explicit Gradient(const Case& c)
      : g(c.z_pixels() * c.shape.channels),
        z(g.size()),
        scale(c.shape.channels),
        slope(c.shape.channels),
        constant(c.shape.channels),
        mean(c.shape.channels) {
    g.fill(5, -1, 1);
    z.fill(6, -2, 2);
    scale.fill(7, 0.5F, 2);
    slope.fill(8, -0.5F, 0.5F);
    constant.fill(9, -0.5F, 0.5F);
    mean.fill(10, 0, 2);
  }

  double dz(std::int64_t i, std::int64_t channel) const {
    return static_cast<double>(g[i]) * scale[channel] + static_cast<double>(z[i]) * slope[channel] +
           constant[channel];
  }

  Guarded g, z, scale, slope, constant, mean;
};

struct Gradients {
  explicit Gradients(const Case& c)
      : g(c.x_pixels() * c.shape.channels),
        sum(c.shape.channels),
        product(c.shape.channels),
        dw(9 * c.shape.channels, 0.5F) {}

  Guarded g, sum, product, dw;
};

enum class Wanted { kBoth, kInput, kWeight };

void backward(const Kernels& kernels, const Case& c, const Inputs& inputs, const Gradient& gradient,
              Gradients& results, Wanted wanted = Wanted::kBoth) {
  Guarded scratch(kernels.depthwise_scratch(c.shape));
  DepthwiseBackward call;
  call.shape = c.shape;
  call.images = c.images;
  call.g = gradient.g.data();
  call.z = gradient.z.data();
  call.gradient = {gradient.scale.data(), gradient.slope.data(), gradient.constant.data()};
  call.x = inputs.x.data();
  call.input = inputs.activation();
  call.weight = inputs.weight.data();
  if (wanted != Wanted::kWeight) {
    call.input_gradient = {results.g.data(), results.sum.data(), results.product.data(),
                           gradient.mean.data()};
  }
  if (wanted != Wanted::kInput) call.dw = results.dw.data();
  call.scratch = scratch.data();
  kernels.depthwise_backward(call);
}

struct Expected {
  Doubles g, dw;
};

Expected expected_gradients(const Case& c, const Inputs& inputs, const Gradient& gradient) {
  const std::int64_t channels = c.shape.channels;
  const Doubles y = inputs.y();
  Expected expected{Doubles(y.size()), Doubles(9 * channels, 0.5)};
  for_taps(c, [&](std::int64_t to, std::int64_t k, std::int64_t from) {
    for (std::int64_t i = 0; i < channels; ++i) {
      const double dz = gradient.dz(from * channels + i, i);
      expected.g[to * channels + i] += dz * inputs.weight[k * channels + i];
      expected.dw[k * channels + i] += dz * y[to * channels + i];
    }
  });
  for (std::int64_t i = 0; inputs.activated && i < inputs.x.size(); ++i) {
    const float value = inputs.before_relu6(i);
    if (!(value > 0 && value < 6)) expected.g[i] = 0;
  }
  return expected;
}

/// What two roundings of x * scale + offset, where the processor has no fused product, may move
/// across a limit of ReLU6: g there is one value or 0.
bool near_a_limit(const Inputs& inputs, std::int64_t i) {
  const float value = inputs.before_relu6(i);
  return inputs.activated && (std::abs(value) < 2e-6F || std::abs(value - 6) < 2e-6F);
}

double difference_of_g(const Guarded& found, const Doubles& expected, const Inputs& inputs) {
  double worst = 0;
  double largest = 1e-30;
  for (std::int64_t i = 0; i < found.size(); ++i) {
    const double apart = std::abs(found[i] - expected[i]);
    if (std::isnan(apart)) return apart;
    if (!near_a_limit(inputs, i)) worst = std::max(worst, apart);
    largest = std::max(largest, std::abs(expected[i]));
  }
  return worst / largest;
}

}  // namespace

TEST_CASE("the depthwise convolution's gradients are those of plain loops, dw added to") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.stride, c.images);
    for (const bool activation : {true, false}) {
      const Inputs inputs(c, activation);
      const Gradient gradient(c);
      const Expected expected = expected_gradients(c, inputs, gradient);
      for_kernels([&](const Kernels& kernels) {
        Gradients results(c);
        backward(kernels, c, inputs, gradient, results);
        CHECK(difference_of_g(results.g, expected.g, inputs) < 1e-6);
        CHECK(relative_difference(results.dw, expected.dw) < 3e-6);
      });
    }
  }
}

TEST_CASE("the depthwise convolution sums up the gradient it hands back") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.stride, c.images);
    const std::int64_t channels = c.shape.channels;
    const Inputs inputs(c);
    const Gradient gradient(c);
    for_kernels([&](const Kernels& kernels) {
      Gradients results(c);
      backward(kernels, c, inputs, gradient, results);
      CheckedSums sum(channels);
      CheckedSums product(channels);
      for (std::int64_t i = 0; i < results.g.size(); ++i) {
        const std::int64_t channel = i % channels;
        const double distance = static_cast<double>(inputs.x[i]) - gradient.mean[channel];
        sum.add(channel, results.g[i]);
        product.add(channel, results.g[i] * distance);
      }
      CHECK(sum.error(results.sum) < 3e-6);
      CHECK(product.error(results.product) < 3e-6);
    });
  }
}

TEST_CASE("a depthwise gradient that is not wanted leaves the other as it is") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.stride, c.images);
    const Inputs inputs(c);
    const Gradient gradient(c);
    for_kernels([&](const Kernels& kernels) {
      Gradients both(c);
      Gradients input(c);
      Gradients weight(c);
      backward(kernels, c, inputs, gradient, both);
      backward(kernels, c, inputs, gradient, input, Wanted::kInput);
      backward(kernels, c, inputs, gradient, weight, Wanted::kWeight);
      CHECK(std::equal(both.g.begin(), both.g.end(), input.g.begin()));
      CHECK(std::equal(both.sum.begin(), both.sum.end(), input.sum.begin()));
      CHECK(std::equal(both.product.begin(), both.product.end(), input.product.begin()));
      CHECK(std::equal(both.dw.begin(), both.dw.end(), weight.dw.begin()));
      CHECK(
          std::all_of(input.dw.begin(), input.dw.end(), [](float value) { return value == 0.5F; }));
    });
  }
}

TEST_CASE("where x is just at a limit of ReLU6, the depthwise convolution passes no gradient") {
  for (const int stride : {1, 2}) {
    const Case c = make_case(24, 2, 2, stride, 1);
    Inputs inputs(c);
    std::fill(inputs.scale.begin(), inputs.scale.end(), 1.0F);
    std::fill(inputs.offset.begin(), inputs.offset.end(), 0.0F);
    const float inside = 3.0F;
    const float limits[] = {0.0F, 6.0F, -0.0F};
    for (std::int64_t i = 0; i < inputs.x.size(); ++i) {
      inputs.x.begin()[i] = i % 4 == 3 ? inside : limits[i % 4];
    }
    const Gradient gradient(c);
    for_kernels([&](const Kernels& kernels) {
      Gradients results(c);
      backward(kernels, c, inputs, gradient, results);
      for (std::int64_t i = 0; i < results.g.size(); ++i) {
        CHECK((results.g[i] != 0) == (i % 4 == 3));
      }
    });
  }
}

TEST_CASE("NaN in x reaches the depthwise convolution's weight gradient") {
  for (const int stride : {1, 2}) {
    const Case c = make_case(24, 4, 4, stride, 1);
    Inputs inputs(c);
    inputs.x.begin()[20] = NAN;
    const Gradient gradient(c);
    for_kernels([&](const Kernels& kernels) {
      Gradients results(c);
      backward(kernels, c, inputs, gradient, results);
      const std::int64_t tap = stride == 1 ? 4 : 0;  // from the first pixel of x to that of z
      CHECK(std::isnan(results.dw[24 * tap + 20]));
    });
  }
}

}  // namespace mobireg
