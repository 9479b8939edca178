// The 1x1 convolution against plain loops in double, for all that this processor runs.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

#include "pointwise_case.h"

namespace mobireg::pointwise {
namespace {

// Sums in float of up to some thousand products.
constexpr double kTolerance = 5e-6;

Activation activation_of(const Inputs& inputs, bool wanted) {
  Activation activation;
  if (!wanted) return activation;
  activation.scale = inputs.scale.data();
  activation.offset = inputs.offset.data();
  return activation;
}

struct ForwardResult {
  Guarded z, shift, sum, square;

  explicit ForwardResult(const Case& c)
      : z(c.rows * c.shape.out), shift(c.shape.out), sum(c.shape.out), square(c.shape.out) {}
};

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs, bool activation,
             bool statistics, ForwardResult& result) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  PointwiseForward call;
  call.shape = c.shape;
  call.rows = c.rows;
  call.x = inputs.x.data();
  call.input = activation_of(inputs, activation);
  call.weight = packed.data();
  call.z = result.z.data();
  if (statistics) {
    call.statistics.shift = result.shift.data();
    call.statistics.sum = result.sum.data();
    call.statistics.square = result.square.data();
  }
  call.scratch = scratch.data();
  kernels.pointwise_forward(call);
}

struct BackwardResult {
  Guarded g, sum, product, dw;

  explicit BackwardResult(const Case& c)
      : g(c.rows * c.shape.in),
        sum(c.shape.in),
        product(c.shape.in),
        dw(c.shape.in * c.shape.out, 0) {}
};

struct Wanted {
  bool activation = true;
  bool input_gradient = true;
  bool sums = true;
  bool dw = true;
};

void backward(const Kernels& kernels, const Case& c, const Inputs& inputs, const Wanted& wanted,
              BackwardResult& result) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise_transposed(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  PointwiseBackward call;
  call.shape = c.shape;
  call.rows = c.rows;
  call.g = inputs.g.data();
  call.z = inputs.z.data();
  call.gradient.scale = inputs.gradient_scale.data();
  call.gradient.slope = inputs.slope.data();
  call.gradient.constant = inputs.constant.data();
  call.x = inputs.x.data();
  call.input = activation_of(inputs, wanted.activation);
  call.weight = packed.data();
  if (wanted.input_gradient) call.input_gradient.g = result.g.data();
  if (wanted.sums) {
    call.input_gradient.sum = result.sum.data();
    call.input_gradient.product = result.product.data();
    call.input_gradient.mean = inputs.mean.data();
  }
  if (wanted.dw) call.dw = result.dw.data();
  call.scratch = scratch.data();
  kernels.pointwise_backward(call);
}

template <class Body>
void for_cases(Body&& body) {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.in, c.shape.out, c.rows);
    const Inputs inputs(c);
    for (const bool activation : {true, false}) {
      CAPTURE(activation);
      body(c, inputs, activation);
    }
  }
}

bool all_nan(Guarded& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
}

void check_statistics(const Case& c, const ForwardResult& result) {
  const std::int64_t out = c.shape.out;
  Doubles sum(out);
  Doubles square(out);
  bool first_row = true;
  for (std::int64_t i = 0; i < c.rows * out; ++i) {
    const double apart = static_cast<double>(result.z[i]) - result.z[i % out];
    sum[i % out] += apart;
    square[i % out] += apart * apart;
    first_row = first_row && result.shift[i % out] == result.z[i % out];
  }
  CHECK(first_row);
  CHECK(relative_difference(result.sum, sum) < kTolerance);
  CHECK(relative_difference(result.square, square) < kTolerance);
}

TEST_CASE("The 1x1 convolution's results and statistics are those of plain loops") {
  for_cases([](const Case& c, const Inputs& inputs, bool activation) {
    const Doubles expected = expected_forward(c, inputs, activation);
    for_kernels([&](const Kernels& kernels) {
      ForwardResult result(c);
      forward(kernels, c, inputs, activation, true, result);
      CHECK(relative_difference(result.z, expected) < kTolerance);
      check_statistics(c, result);
    });
  });
}

TEST_CASE("The 1x1 convolution's gradients are those of plain loops") {
  for_cases([](const Case& c, const Inputs& inputs, bool activation) {
    const Gradients expected = expected_backward(c, inputs, activation);
    Wanted wanted;
    wanted.activation = activation;
    for_kernels([&](const Kernels& kernels) {
      BackwardResult result(c);
      backward(kernels, c, inputs, wanted, result);
      CHECK(relative_difference(result.g, expected.g) < kTolerance);
      CHECK(relative_difference(result.sum, expected.sum) < kTolerance);
      CHECK(relative_difference(result.product, expected.product) < kTolerance);
      CHECK(relative_difference(result.dw, expected.dw) < kTolerance);
    });
  });
}

TEST_CASE("The 1x1 convolution hands out only what is wanted") {
  const Case c = case_of(40, 33, 150);
  const Inputs inputs(c);
  const Gradients expected = expected_backward(c, inputs, true);
  for_kernels([&](const Kernels& kernels) {
    ForwardResult z_only(c);
    forward(kernels, c, inputs, true, false, z_only);
    CHECK(relative_difference(z_only.z, expected_forward(c, inputs, true)) < kTolerance);

    Wanted wanted;
    wanted.input_gradient = wanted.sums = false;
    BackwardResult dw_only(c);
    backward(kernels, c, inputs, wanted, dw_only);
    CHECK(relative_difference(dw_only.dw, expected.dw) < kTolerance);
    CHECK(all_nan(dw_only.g));

    wanted = Wanted();
    wanted.dw = wanted.sums = false;
    BackwardResult g_only(c);
    backward(kernels, c, inputs, wanted, g_only);
    CHECK(relative_difference(g_only.g, expected.g) < kTolerance);
    CHECK(relative_difference(g_only.dw, Doubles(c.shape.in * c.shape.out)) == 0);
    CHECK(all_nan(g_only.sum));
  });
}

TEST_CASE("The 1x1 convolution adds to the gradient of its weight") {
  const Case c = case_of(9, 19, 30);
  const Inputs inputs(c);
  Doubles expected = expected_backward(c, inputs, true).dw;
  for (double& each : expected) each *= 2;
  for_kernels([&](const Kernels& kernels) {
    BackwardResult result(c);
    backward(kernels, c, inputs, Wanted(), result);
    backward(kernels, c, inputs, Wanted(), result);
    CHECK(relative_difference(result.dw, expected) < kTolerance);
  });
}

TEST_CASE("The 1x1 convolution passes NaN on") {
  const Case c = case_of(40, 33, 30);
  for (const std::int64_t at : {0, 39, 20 * 40 + 17}) {
    Inputs inputs(c);
    inputs.x.data()[at] = NAN;
    for_kernels([&](const Kernels& kernels) {
      ForwardResult result(c);
      forward(kernels, c, inputs, true, true, result);
      BackwardResult gradients(c);
      backward(kernels, c, inputs, Wanted(), gradients);
      for (std::int64_t i = 0; i < result.z.size(); ++i) {
        if (std::isnan(result.z[i]) != (i / 33 == at / 40)) FAIL("row " << i / 33);
      }
      CHECK(all_nan(result.square));
      CHECK(std::isnan(gradients.dw[at % 40]));
    });
  }
}

TEST_CASE("Few rows of wide layers are enough for two blocks of the 1x1 convolution") {
  for_kernels([](const Kernels& kernels) {
    for (const std::int64_t in : {1, 9, 32, 128, 512, 1024}) {
      const PointwiseShape shape = case_of(in, 2 * in, 1).shape;
      CHECK(kernels.pointwise_block(shape) >= 64);
      if (in >= 512) CHECK(kernels.pointwise_block(shape) <= 128);
    }
  });
}

}  // namespace
}  // namespace mobireg::pointwise
