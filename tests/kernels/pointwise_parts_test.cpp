// The 1x1 convolution where threads share its work: parts of the channels, and the gradient of its
// weight made at last.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

#include "pointwise_case.h"

namespace mobireg::pointwise {
namespace {

constexpr double kTolerance = 5e-6;

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs,
             const ChannelRange& channels, Results& results) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  kernels.pointwise_forward({c.shape,
                             c.rows,
                             inputs.x.data(),
                             {inputs.scale.data(), inputs.offset.data()},
                             packed.data(),
                             results.z.data(),
                             {results.shift.data(), results.sum.data(), results.square.data()},
                             scratch.data(),
                             channels});
}

// Of the rows from `first` on. factors: null values for the weight's gradient at once.
void backward(const Kernels& kernels, const Case& c, std::int64_t first, const Inputs& inputs,
              const ChannelRange& channels, const PointwiseFactors& factors, Results& results) {
  Guarded packed(kernels.pointwise_packed(c.shape));
  kernels.pack_pointwise_transposed(c.shape, inputs.weight.data(), packed.data());
  Guarded scratch(kernels.pointwise_scratch(c.shape, c.rows));
  kernels.pointwise_backward(
      {c.shape,
       c.rows,
       inputs.g.data() + first * c.shape.out,
       inputs.z.data() + first * c.shape.out,
       {inputs.gradient_scale.data(), inputs.slope.data(), inputs.constant.data()},
       inputs.x.data() + first * c.shape.in,
       {inputs.scale.data(), inputs.offset.data()},
       packed.data(),
       {results.g.data(), results.g_sum.data(), results.product.data(), inputs.mean.data()},
       factors.values == nullptr ? results.dw.data() : nullptr,
       scratch.data(),
       channels,
       factors});
}

bool is_inside(const ChannelRange& range, std::int64_t channel) {
  return channel >= range.begin && (range.end == 0 || channel < range.end);
}

// Whether `part` is `whole` in those channels and `otherwise` in the others.
bool is_part(const Guarded& part, const Guarded& whole, std::int64_t channels,
             const ChannelRange& range, float otherwise = NAN) {
  for (std::int64_t i = 0; i < part.size(); ++i) {
    const float expected = is_inside(range, i % channels) ? whole[i] : otherwise;
    if (part[i] != expected && !(std::isnan(part[i]) && std::isnan(expected))) return false;
  }
  return true;
}

TEST_CASE("a part of a 1x1 convolution's channels is what it is of all, and the others stay") {
  const Case c = case_of(150, 200, 150);
  const Inputs inputs(c);
  for_kernels([&](const Kernels& kernels) {
    Results whole(c);
    forward(kernels, c, inputs, {}, whole);
    backward(kernels, c, 0, inputs, {}, {}, whole);
    for (const ChannelRange& range : {ChannelRange{0, 64}, {64, 128}, {128, 0}}) {
      CAPTURE(range.begin, range.end);
      Results part(c);
      forward(kernels, c, inputs, range, part);
      backward(kernels, c, 0, inputs, range, {}, part);
      CHECK(is_part(part.z, whole.z, c.shape.out, range));
      CHECK(is_part(part.shift, whole.shift, c.shape.out, range));
      CHECK(is_part(part.sum, whole.sum, c.shape.out, range));
      CHECK(is_part(part.square, whole.square, c.shape.out, range));
      CHECK(is_part(part.g, whole.g, c.shape.in, range));
      CHECK(is_part(part.g_sum, whole.g_sum, c.shape.in, range));
      CHECK(is_part(part.product, whole.product, c.shape.in, range));
      CHECK(is_part(part.dw, whole.dw, c.shape.in, range, 0));
    }
  });
}

// (rows, columns) of the panels' layout, by the definition: any width that kernels have.
bool is_packed(const Guarded& packed, std::int64_t depth, std::int64_t width, const float* weight,
               std::int64_t row_stride, std::int64_t column_stride) {
  for (const std::int64_t panel : {8, 16, 32}) {
    const std::int64_t lanes = panel / 2;
    const std::int64_t padded = (width + lanes - 1) / lanes * lanes;
    bool same = true;
    for (std::int64_t first = 0; same && first < padded; first += panel) {
      const std::int64_t columns = std::min(panel, padded - first);
      for (std::int64_t i = 0; i < depth * columns; ++i) {
        const std::int64_t k = i / columns;
        const std::int64_t column = first + i % columns;
        const float expected =
            column < width ? weight[k * row_stride + column * column_stride] : 0.0F;
        same = same && packed[first * depth + i] == expected;
      }
    }
    if (same) return true;
  }
  return false;
}

TEST_CASE("packed in parts, all of a 1x1 convolution's weight is where the products read it") {
  for (const auto& [in, out] : {std::pair<int, int>{150, 200}, {65, 129}, {9, 19}, {512, 64}}) {
    CAPTURE(in, out);
    const Case c = case_of(in, out, 1);
    const Inputs inputs(c);
    const float* weight = inputs.weight.data();
    for_kernels([&](const Kernels& kernels) {
      Guarded forward(kernels.pointwise_packed(c.shape));
      Guarded backward(kernels.pointwise_packed(c.shape));
      for (std::int64_t first = 0; first < std::max(in, out); first += 64) {
        const auto part = [&](std::int64_t channels) {
          return ChannelRange{first, std::min(first + 64, channels)};
        };
        if (first < out) kernels.pack_pointwise_part(c.shape, part(out), weight, forward.data());
        if (first >= in) continue;
        kernels.pack_pointwise_transposed_part(c.shape, part(in), weight, backward.data());
      }
      CHECK(is_packed(forward, in, out, weight, 1, in));
      CHECK(is_packed(backward, out, in, weight, in, 1));
    });
  }
}

TEST_CASE("a 1x1 convolution's weight gets the same gradient from what blocks left") {
  for (const Case& c : {case_of(150, 75, 150), case_of(20, 33, 600), case_of(96, 64, 64)}) {
    CAPTURE(c.shape.in, c.shape.out, c.rows);
    const Inputs inputs(c);
    const Gradients expected = expected_backward(c, inputs, true);
    for_kernels([&](const Kernels& kernels) {
      Guarded values(kernels.pointwise_factors(c.shape, c.rows));
      const std::int64_t rows = (c.rows + 1) / 2;
      for (const std::int64_t first : {rows, std::int64_t{0}}) {
        const Case block = case_of(c.shape.in, c.shape.out, std::min(rows, c.rows - first));
        for (const ChannelRange& range : {ChannelRange{0, 64}, {64, 0}}) {
          if (range.begin >= c.shape.in) continue;
          const bool last = range.end >= c.shape.in;
          Results rest(block);
          backward(kernels, block, first, inputs, last ? ChannelRange{} : range,
                   {values.data(), c.rows, first}, rest);
        }
      }
      Guarded dw(c.shape.in * c.shape.out);
      for (const ChannelRange& range : {ChannelRange{0, 10}, {10, 27}, {27, 0}}) {
        kernels.pointwise_weight_gradient({c.shape, {values.data(), c.rows, 0}, range, dw.data()});
      }
      CHECK(relative_difference(dw, expected.dw) < kTolerance);
    });
  }
}

TEST_CASE("rows of a 1x1 convolution's weight that are not asked for get no gradient") {
  const Case c = case_of(40, 75, 70);
  const Inputs inputs(c);
  for_kernels([&](const Kernels& kernels) {
    Guarded values(kernels.pointwise_factors(c.shape, c.rows));
    Results rest(c);
    backward(kernels, c, 0, inputs, {}, {values.data(), c.rows, 0}, rest);
    Guarded dw(c.shape.in * c.shape.out);
    kernels.pointwise_weight_gradient({c.shape, {values.data(), c.rows, 0}, {10, 70}, dw.data()});
    for (std::int64_t i = 0; i < dw.size(); ++i) {
      const std::int64_t row = i / c.shape.in;
      REQUIRE(std::isnan(dw[i]) == (row < 10 || row >= 70));
    }
  });
}

}  // namespace
}  // namespace mobireg::pointwise
