// Pooling against plain loops in double, for all that this processor runs.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include "kernel_test.h"

namespace mobireg {
namespace {

struct Case {
  std::int64_t channels;
  std::int64_t pixels;
  std::int64_t images;
  bool activation;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t channels : {1, 3, 8, 9, 16, 19, 40, 256, 1024}) {
    for (const std::int64_t pixels : {1, 4, 9}) {
      for (const std::int64_t images : {1, 5}) {
        all.push_back({channels, pixels, images, true});
        all.push_back({channels, pixels, images, false});
      }
    }
  }
  return all;
}

struct Inputs {
  explicit Inputs(const Case& c)
      : x(c.images * c.pixels * c.channels),
        dy(c.images * c.channels),
        scale(c.channels),
        offset(c.channels),
        mean(c.channels) {
    x.fill(1, -4, 10);
    dy.fill(2, -1, 1);
    scale.fill(3, 0.5F, 1.5F);
    offset.fill(4, -1, 1);
    mean.fill(5, 1, 3);
  }
  Guarded x;
  Guarded dy;
  Guarded scale;
  Guarded offset;
  Guarded mean;
};

struct Gradient {
  explicit Gradient(const Case& c)
      : g(c.images * c.pixels * c.channels), sum(c.channels), product(c.channels) {}
  Guarded g;
  Guarded sum;
  Guarded product;
};

Activation activation_of(const Case& c, const Inputs& inputs) {
  if (!c.activation) return {};
  return {inputs.scale.data(), inputs.offset.data()};
}

double before_relu6(const Inputs& inputs, std::int64_t i, std::int64_t channel) {
  return static_cast<double>(inputs.x[i]) * inputs.scale[channel] + inputs.offset[channel];
}

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs, Guarded& y) {
  PoolForward call;
  call.shape = {c.channels, c.pixels};
  call.images = c.images;
  call.x = inputs.x.data();
  call.input = activation_of(c, inputs);
  call.y = y.data();
  kernels.pool_forward(call);
}

PoolBackward backward_of(const Case& c, const Inputs& inputs, Gradient& gradient) {
  PoolBackward call;
  call.shape = {c.channels, c.pixels};
  call.images = c.images;
  call.dy = inputs.dy.data();
  call.x = inputs.x.data();
  call.input = activation_of(c, inputs);
  call.input_gradient = {gradient.g.data(), gradient.sum.data(), gradient.product.data(),
                         inputs.mean.data()};
  return call;
}

}  // namespace

TEST_CASE("pooling takes the mean of the clipped values") {
  for (const Case& c : cases()) {
    CAPTURE(c.channels, c.pixels, c.images, c.activation);
    const Inputs inputs(c);
    std::vector<double> expected(c.images * c.channels);
    for (std::int64_t i = 0; i < inputs.x.size(); ++i) {
      const std::int64_t channel = i % c.channels;
      const double y = c.activation ? std::clamp(before_relu6(inputs, i, channel), 0.0, 6.0)
                                    : static_cast<double>(inputs.x[i]);
      expected[i / (c.pixels * c.channels) * c.channels + channel] += y / c.pixels;
    }
    for_kernels([&](const Kernels& kernels) {
      Guarded y(c.images * c.channels);
      forward(kernels, c, inputs, y);
      CHECK(relative_difference(y, expected) < 1e-6);
    });
  }
}

TEST_CASE("pooling's gradient is an equal share for each pixel that was not clipped") {
  for (const Case& c : cases()) {
    CAPTURE(c.channels, c.pixels, c.images, c.activation);
    const Inputs inputs(c);
    std::vector<double> g(inputs.x.size());
    std::vector<double> sum(c.channels);
    std::vector<double> product(c.channels);
    for (std::int64_t i = 0; i < inputs.x.size(); ++i) {
      const std::int64_t channel = i % c.channels;
      const double y = before_relu6(inputs, i, channel);
      if (c.activation && (y <= 0 || y >= 6)) continue;
      const std::int64_t image = i / (c.pixels * c.channels);
      g[i] = static_cast<double>(inputs.dy[image * c.channels + channel]) / c.pixels;
      sum[channel] += g[i];
      product[channel] += g[i] * (static_cast<double>(inputs.x[i]) - inputs.mean[channel]);
    }
    for_kernels([&](const Kernels& kernels) {
      Gradient gradient(c);
      kernels.pool_backward(backward_of(c, inputs, gradient));
      CHECK(relative_difference(gradient.g, g) < 1e-6);
      CHECK(relative_difference(gradient.sum, sum) < 3e-6);
      CHECK(relative_difference(gradient.product, product) < 3e-6);
    });
  }
}

TEST_CASE("pooling passes no gradient at 0 and at 6, and NaN forward") {
  const Case c = {40, 4, 1, true};
  Inputs inputs(c);
  for (float& scale : inputs.scale) scale = 1;
  for (float& offset : inputs.offset) offset = 0;
  for (std::int64_t i = 0; i < c.channels; ++i) {
    const float x[] = {0, 6, 3, NAN};
    for (std::int64_t pixel = 0; pixel < 4; ++pixel) {
      inputs.x.begin()[pixel * c.channels + i] = x[pixel];
    }
  }
  for_kernels([&](const Kernels& kernels) {
    Guarded y(c.channels);
    forward(kernels, c, inputs, y);
    CHECK(std::all_of(y.begin(), y.end(), [](float value) { return std::isnan(value); }));
    Gradient gradient(c);
    kernels.pool_backward(backward_of(c, inputs, gradient));
    for (std::int64_t i = 0; i < c.channels; ++i) {
      CHECK(gradient.g[i] == 0);
      CHECK(gradient.g[c.channels + i] == 0);
      CHECK(gradient.g[2 * c.channels + i] == inputs.dy[i] / 4);
    }
  });
}

TEST_CASE("pooling writes no gradient that is not wanted") {
  const Case c = {19, 4, 2, true};
  const Inputs inputs(c);
  for_kernels([&](const Kernels& kernels) {
    Gradient gradient(c);
    PoolBackward call = backward_of(c, inputs, gradient);
    call.input_gradient = {};
    kernels.pool_backward(call);
    CHECK(std::isnan(gradient.sum[0]));
  });
}

}  // namespace mobireg
