// The depthwise convolution against plain loops in double, for all that this processor runs.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch.hpp>

#include "depthwise_case.h"

namespace mobireg {
namespace {

struct Results {
  explicit Results(const Case& c)
      : z(c.z_pixels() * c.shape.channels),
        shift(c.shape.channels),
        sum(c.shape.channels),
        square(c.shape.channels) {}

  Guarded z, shift, sum, square;
};

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs, Results& results,
             bool statistics = true) {
  Guarded scratch(kernels.depthwise_scratch(c.shape));
  DepthwiseForward call;
  call.shape = c.shape;
  call.images = c.images;
  call.x = inputs.x.data();
  call.input = inputs.activation();
  call.weight = inputs.weight.data();
  call.z = results.z.data();
  if (statistics) {
    call.statistics = {results.shift.data(), results.sum.data(), results.square.data()};
  }
  call.scratch = scratch.data();
  kernels.depthwise_forward(call);
}

Doubles expected_z(const Case& c, const Inputs& inputs) {
  const std::int64_t channels = c.shape.channels;
  const Doubles y = inputs.y();
  Doubles z(c.z_pixels() * channels);
  for_taps(c, [&](std::int64_t from, std::int64_t k, std::int64_t to) {
    for (std::int64_t i = 0; i < channels; ++i) {
      z[to * channels + i] += y[from * channels + i] * inputs.weight[k * channels + i];
    }
  });
  return z;
}

}  // namespace

TEST_CASE("the depthwise convolution is that of plain loops over what ReLU6 leaves of x") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.stride, c.images);
    for (const bool activation : {true, false}) {
      const Inputs inputs(c, activation);
      const Doubles expected = expected_z(c, inputs);
      for_kernels([&](const Kernels& kernels) {
        Results results(c);
        forward(kernels, c, inputs, results);
        CHECK(relative_difference(results.z, expected) < 1e-6);
        Results without(c);
        forward(kernels, c, inputs, without, /*statistics=*/false);
        CHECK(std::equal(results.z.begin(), results.z.end(), without.z.begin()));
      });
    }
  }
}

TEST_CASE("the depthwise convolution's statistics are those of the z it wrote") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.stride, c.images);
    const std::int64_t channels = c.shape.channels;
    const Inputs inputs(c);
    for_kernels([&](const Kernels& kernels) {
      Results results(c);
      forward(kernels, c, inputs, results);
      CheckedSums sum(channels);
      CheckedSums square(channels);
      for (std::int64_t i = 0; i < results.z.size(); ++i) {
        const double distance = static_cast<double>(results.z[i]) - results.z[i % channels];
        sum.add(i % channels, distance);
        square.add(i % channels, distance * distance);
      }
      CHECK(std::equal(results.shift.begin(), results.shift.end(), results.z.begin()));
      CHECK(sum.error(results.sum) < 3e-6);
      CHECK(square.error(results.square) < 3e-6);
    });
  }
}

TEST_CASE("NaN and infinity in x reach the depthwise convolution's results") {
  for (const int stride : {1, 2}) {
    for (const bool activation : {true, false}) {
      const Case c = make_case(24, 4, 4, stride, 1);
      Inputs inputs(c, activation);
      inputs.x.begin()[20] = NAN;
      inputs.x.begin()[3] = std::numeric_limits<float>::infinity();
      for_kernels([&](const Kernels& kernels) {
        Results results(c);
        forward(kernels, c, inputs, results);
        CHECK(std::isnan(results.z[20]));
        CHECK(std::isnan(results.sum[20]));
        CHECK(std::isfinite(results.z[3]) == activation);
      });
    }
  }
}

}  // namespace mobireg
