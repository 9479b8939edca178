// The 1x1 convolution that stores Bfloat16 where threads share its work: parts of the channels, and
// the gradient of its weight made at last.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <catch2/catch.hpp>

#include "bfloat16_pointwise_case.h"

namespace mobireg {

using namespace bfloat16_pointwise;

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

TEST_CASE("a block of any length leaves its factors; rows of a gradient not asked for stay") {
  const Case c = case_of(20, 75, 600);
  const Inputs inputs(c, true);
  const Doubles expected = expected_gradients(c, inputs, true).dw;
  for_bfloat16_kernels([&](const Kernels& kernels) {
    Guarded values(kernels.pointwise_factors(c.shape, c.rows));
    Results results(c);
    Wanted wanted;
    wanted.dw = false;
    wanted.factors = {values.data(), c.rows, 0};
    backward(kernels, c, inputs, wanted, results);
    Guarded dw(results.dw.size());
    kernels.pointwise_weight_gradient({c.shape, wanted.factors, {10, 70}, dw.data()});
    for (std::int64_t i = 0; i < dw.size(); ++i) {
      if (i / 20 >= 10 && i / 20 < 70) {
        results.dw.begin()[i] = dw[i];
      } else {
        results.dw.begin()[i] = static_cast<float>(expected[i]);
        if (!std::isnan(dw[i])) FAIL("row " << i / 20);
      }
    }
    CHECK(relative_difference(results.dw, expected) < kTolerance);
  });
}

TEST_CASE("a block of rows fills tiles, and few rows of wide layers are enough for two") {
  for_bfloat16_kernels([](const Kernels& kernels) {
    for (const std::int64_t in : {1, 9, 32, 128, 512, 1024}) {
      const std::int64_t rows = kernels.pointwise_block({in, 2 * in});
      CHECK(rows % 32 == 0);
      CHECK(rows >= 64);
      if (in >= 512) CHECK(rows <= 128);
    }
  });
}

}  // namespace mobireg
