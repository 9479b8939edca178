// The 1x1 convolution that stores Bfloat16 against plain loops in double, whose factors are rounded
// as the kernels round them: by AMX and by dot products, where this processor has them.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include "bfloat16_pointwise_case.h"

namespace mobireg {
namespace {

using namespace bfloat16_pointwise;

/// Calls body(case, inputs, wanted, kernels) for all.
template <class Body>
void for_all(Body&& body) {
  for (const Case& c : cases()) {
    for (const bool activation : {true, false}) {
      CAPTURE(c.shape.in, c.shape.out, c.rows, activation);
      const Inputs inputs(c, activation);
      Wanted wanted;
      wanted.activation = activation;
      body(c, inputs, wanted);
    }
  }
}

}  // namespace

TEST_CASE("the 1x1 convolution that stores Bfloat16 is that of plain loops, rounded") {
  for_all([](const Case& c, const Inputs& inputs, const Wanted& wanted) {
    const Doubles expected = expected_z(c, inputs);
    for_bfloat16_kernels([&](const Kernels& kernels) {
      Results results(c);
      forward(kernels, c, inputs, wanted, results);
      CHECK(difference_past_rounding(results.z, expected) < kTolerance);
    });
  });
}

TEST_CASE("the statistics of the 1x1 convolution that stores Bfloat16 are those of what it wrote") {
  for_all([](const Case& c, const Inputs& inputs, const Wanted& wanted) {
    for_bfloat16_kernels([&](const Kernels& kernels) {
      Results results(c);
      forward(kernels, c, inputs, wanted, results);
      const std::int64_t out = c.shape.out;
      Doubles sum(out);
      Doubles square(out);
      for (std::int64_t i = 0; i < c.rows * out; ++i) {
        const double apart = static_cast<double>(results.z[i]) - results.z[i % out];
        sum[i % out] += apart;
        square[i % out] += apart * apart;
      }
      CHECK(std::equal(results.shift.begin(), results.shift.end(), results.z.begin()));
      CHECK(relative_difference(results.sum, sum) < kTolerance);
      CHECK(relative_difference(results.square, square) < kTolerance);
    });
  });
}

TEST_CASE("the gradients of the 1x1 convolution that stores Bfloat16 are those of plain loops") {
  for_all([](const Case& c, const Inputs& inputs, const Wanted& wanted) {
    const Gradients expected = expected_gradients(c, inputs, wanted.activation);
    for_bfloat16_kernels([&](const Kernels& kernels) {
      Results results(c);
      backward(kernels, c, inputs, wanted, results);
      CHECK(difference_past_rounding(results.g, expected.g) < kTolerance);
      CHECK(relative_difference(results.dw, expected.dw) < kTolerance);
      Doubles sum(c.shape.in);
      Doubles product(c.shape.in);
      for (std::int64_t i = 0; i < results.g.size(); ++i) {
        const std::int64_t channel = i % c.shape.in;
        const double distance = static_cast<double>(inputs.x[i]) - inputs.mean[channel];
        sum[channel] += results.g[i];
        product[channel] += results.g[i] * distance;
      }
      CHECK(relative_difference(results.g_sum, sum) < kTolerance);
      CHECK(relative_difference(results.product, product) < kTolerance);
    });
  });
}

TEST_CASE("the 1x1 convolution that stores Bfloat16 hands out only what is wanted") {
  const Case c = case_of(40, 33, 300);
  const Inputs inputs(c, true);
  for_bfloat16_kernels([&](const Kernels& kernels) {
    Results all(c);
    forward(kernels, c, inputs, Wanted(), all);
    backward(kernels, c, inputs, Wanted(), all);

    Results some(c);
    Wanted wanted;
    wanted.statistics = wanted.input_gradient = wanted.sums = false;
    forward(kernels, c, inputs, wanted, some);
    backward(kernels, c, inputs, wanted, some);
    CHECK(std::equal(all.z.begin(), all.z.end(), some.z.begin()));
    CHECK(std::equal(all.dw.begin(), all.dw.end(), some.dw.begin()));
    CHECK(all_nan(some.sum));
    CHECK(all_nan(some.g));

    Results g_only(c);
    wanted.input_gradient = true;
    wanted.dw = false;
    backward(kernels, c, inputs, wanted, g_only);
    CHECK(std::equal(all.g.begin(), all.g.end(), g_only.g.begin()));
    CHECK(all_nan(g_only.g_sum));
    CHECK(relative_difference(g_only.dw, Doubles(g_only.dw.size())) == 0);
  });
}

TEST_CASE("the 1x1 convolution that stores Bfloat16 adds to the gradient of its weight") {
  for (const Case& c : {case_of(9, 19, 30), case_of(64, 32, 64)}) {
    const Inputs inputs(c, true);
    Doubles expected = expected_gradients(c, inputs, true).dw;
    for (double& each : expected) each *= 2;
    for_bfloat16_kernels([&](const Kernels& kernels) {
      Results results(c);
      backward(kernels, c, inputs, Wanted(), results);
      backward(kernels, c, inputs, Wanted(), results);
      CHECK(relative_difference(results.dw, expected) < kTolerance);
    });
  }
}

TEST_CASE("the 1x1 convolution that stores Bfloat16 passes NaN on") {
  const Case c = case_of(40, 33, 30);
  for (const std::int64_t at : {0, 39, 20 * 40 + 17}) {
    Inputs inputs(c, true);
    inputs.x.data()[at] = NAN;
    for_bfloat16_kernels([&](const Kernels& kernels) {
      Results results(c);
      forward(kernels, c, inputs, Wanted(), results);
      backward(kernels, c, inputs, Wanted(), results);
      for (std::int64_t i = 0; i < results.z.size(); ++i) {
        if (std::isnan(results.z[i]) != (i / 33 == at / 40)) FAIL("row " << i / 33);
      }
      CHECK(all_nan(results.square));
      CHECK(std::isnan(results.dw[at % 40]));
    });
  }
}

}  // namespace mobireg
