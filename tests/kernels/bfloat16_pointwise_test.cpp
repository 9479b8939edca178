// The 1x1 convolution that stores Bfloat16 against plain loops in double, whose factors are rounded
// as the kernels round them: by AMX and by dot products, where this processor has them.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include <catch2/catch.hpp>

#include "bfloat16_pointwise_case.h"

namespace mobireg {
namespace {

using namespace bfloat16_pointwise;

// Sums in float of up to some thousand products.
constexpr double kTolerance = 5e-6;

struct Results {
  Guarded z, shift, sum, square;
  Guarded g, g_sum, product, dw;

  explicit Results(const Case& c)
      : z(c.rows * c.shape.out),
        shift(c.shape.out),
        sum(c.shape.out),
        square(c.shape.out),
        g(c.rows * c.shape.in),
        g_sum(c.shape.in),
        product(c.shape.in),
        dw(c.shape.in * c.shape.out, 0) {}
};

struct Wanted {
  bool activation = true;
  bool statistics = true;
  bool input_gradient = true;
  bool sums = true;
  bool dw = true;
  ChannelRange channels;
  PointwiseFactors factors;
};

Activation activation_of(const Inputs& inputs, const Wanted& wanted) {
  if (!wanted.activation) return {};
  return {inputs.scale.data(), inputs.offset.data()};
}

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs, const Wanted& wanted,
             Results& results) {
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

void backward(const Kernels& kernels, const Case& c, const Inputs& inputs, const Wanted& wanted,
              Results& results) {
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

bool all_nan(Guarded& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
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

TEST_CASE("parts of the channels make the same as all at once") {
  const Case c = case_of(150, 200, 70);
  const Inputs inputs(c, true);
  for_bfloat16_kernels([&](const Kernels& kernels) {
    Results whole(c);
    forward(kernels, c, inputs, Wanted(), whole);
    backward(kernels, c, inputs, Wanted(), whole);
    Results parts(c);
    for (const ChannelRange& range : {ChannelRange{64, 128}, {128, 0}, {0, 64}}) {
      Wanted wanted;
      wanted.channels = range;
      Results part(c);
      forward(kernels, c, inputs, wanted, part);
      backward(kernels, c, inputs, wanted, part);
      const auto take = [&](Guarded& to, const Guarded& from, std::int64_t channels) {
        for (std::int64_t i = 0; i < to.size(); ++i) {
          const std::int64_t channel = i % channels;
          const bool inside = channel >= range.begin && (range.end == 0 || channel < range.end);
          if (inside) to.begin()[i] = from[i];
        }
      };
      take(parts.z, part.z, c.shape.out);
      take(parts.square, part.square, c.shape.out);
      take(parts.g, part.g, c.shape.in);
      take(parts.product, part.product, c.shape.in);
      take(parts.dw, part.dw, c.shape.in);
    }
    CHECK(std::equal(whole.z.begin(), whole.z.end(), parts.z.begin()));
    CHECK(std::equal(whole.square.begin(), whole.square.end(), parts.square.begin()));
    CHECK(std::equal(whole.g.begin(), whole.g.end(), parts.g.begin()));
    CHECK(std::equal(whole.product.begin(), whole.product.end(), parts.product.begin()));
    CHECK(std::equal(whole.dw.begin(), whole.dw.end(), parts.dw.begin()));
  });
}

TEST_CASE("a part of the channels leaves the results of the others as they are") {
  const Case c = case_of(150, 200, 40);
  const Inputs inputs(c, true);
  for_bfloat16_kernels([&](const Kernels& kernels) {
    Wanted wanted;
    wanted.channels = {64, 128};
    Results part(c);
    forward(kernels, c, inputs, wanted, part);
    backward(kernels, c, inputs, wanted, part);
    const auto only_inside = [](const Guarded& values, std::int64_t channels) {
      for (std::int64_t i = 0; i < values.size(); ++i) {
        const bool inside = i % channels >= 64 && i % channels < 128;
        if (std::isnan(values[i]) == inside) return false;
      }
      return true;
    };
    CHECK(only_inside(part.z, c.shape.out));
    CHECK(only_inside(part.sum, c.shape.out));
    CHECK(only_inside(part.g, c.shape.in));
    CHECK(only_inside(part.g_sum, c.shape.in));
  });
}

TEST_CASE("the packing's parts make the packed weight") {
  const Case c = case_of(150, 200, 1);
  const Inputs inputs(c, true);
  for_bfloat16_kernels([&](const Kernels& kernels) {
    const std::int64_t floats = kernels.pointwise_packed(c.shape);
    const auto same = [&](auto pack, auto pack_part, std::int64_t channels) {
      Guarded whole(floats, 0);
      Guarded parts(floats, 0);
      pack(c.shape, inputs.weight.data(), whole.data());
      pack_part(c.shape, ChannelRange{64, channels}, inputs.weight.data(), parts.data());
      pack_part(c.shape, ChannelRange{0, 64}, inputs.weight.data(), parts.data());
      return std::memcmp(whole.data(), parts.data(), floats * sizeof(float)) == 0;
    };
    CHECK(same(kernels.pack_pointwise, kernels.pack_pointwise_part, c.shape.out));
    CHECK(same(kernels.pack_pointwise_transposed, kernels.pack_pointwise_transposed_part,
               c.shape.in));
  });
}

TEST_CASE("the weight's gradient can be made from the factors that blocks left, some rows a call") {
  const Case c = case_of(150, 75, 150);
  const Inputs inputs(c, true);
  const Doubles expected = expected_gradients(c, inputs, true).dw;
  for_bfloat16_kernels([&](const Kernels& kernels) {
    Guarded values(kernels.pointwise_factors(c.shape, c.rows));
    Results results(c);
    for (const std::int64_t first : {64, 0, 128}) {
      Case block = c;
      block.rows = std::min<std::int64_t>(64, c.rows - first);
      const Inputs of_block(inputs, c, first, block.rows);
      Wanted wanted;
      wanted.dw = false;
      wanted.factors = {values.data(), c.rows, first};
      for (const ChannelRange& range : {ChannelRange{0, 64}, {64, 0}}) {
        wanted.channels = range;
        Results rest(block);
        backward(kernels, block, of_block, wanted, rest);
      }
    }
    for (const ChannelRange& range : {ChannelRange{0, 10}, {10, 64}, {64, 0}}) {
      kernels.pointwise_weight_gradient(
          {c.shape, {values.data(), c.rows, 0}, range, results.dw.data()});
    }
    CHECK(relative_difference(results.dw, expected) < kTolerance);
  });
}

}  // namespace mobireg
