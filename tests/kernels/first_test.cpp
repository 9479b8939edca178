// The first convolution against plain loops in double, for all that this processor runs.

#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include "kernel_test.h"

namespace mobireg {
namespace {

struct Case {
  FirstShape shape;
  std::int64_t images;
};

FirstShape shape_of(std::int64_t channels, std::int64_t height, std::int64_t width,
                    std::int64_t out) {
  FirstShape shape;
  shape.channels = channels;
  shape.height = height;
  shape.width = width;
  shape.out = out;
  return shape;
}

// Out below, at and above the vector widths, odd ones too; one row or column of z; rows of z whose
// pixels are not a multiple of those made together.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t channels : {1, 3}) {
    for (const std::int64_t out : {1, 3, 8, 9, 16, 19, 24, 32, 33, 40}) {
      all.push_back({shape_of(channels, 2, 2, out), 3});
      all.push_back({shape_of(channels, 4, 2, out), 2});
      all.push_back({shape_of(channels, 6, 14, out), 2});
      all.push_back({shape_of(channels, 2, 46, out), 1});
    }
    for (const std::int64_t out : {8, 9, 16, 24, 32}) {
      all.push_back({shape_of(channels, 64, 64, out), 2});
      all.push_back({shape_of(channels, 16, 500, out), 1});
    }
  }
  return all;
}

std::int64_t pixels_of(const Case& c) {
  return c.images * (c.shape.height / 2) * (c.shape.width / 2);
}

/// Calls body(index in x, index in weight of out 0, index in z of out 0) for all products.
template <class Body>
void for_taps(const Case& c, Body&& body) {
  const FirstShape& s = c.shape;
  for (std::int64_t n = 0; n < c.images; ++n) {
    for (std::int64_t i = 0; i < s.height / 2; ++i) {
      for (std::int64_t j = 0; j < s.width / 2; ++j) {
        const std::int64_t pixel = (n * (s.height / 2) + i) * (s.width / 2) + j;
        for (std::int64_t tap = 0; tap < 9 * s.channels; ++tap) {
          const std::int64_t row = 2 * i + tap / (3 * s.channels);
          const std::int64_t column = 2 * j + tap / s.channels % 3;
          if (row >= s.height || column >= s.width) continue;
          const std::int64_t x =
              ((n * s.height + row) * s.width + column) * s.channels + tap % s.channels;
          body(x, tap * s.out, pixel * s.out);
        }
      }
    }
  }
}

struct Inputs {
  explicit Inputs(const Case& c)
      : x(c.images * c.shape.height * c.shape.width * c.shape.channels),
        weight(9 * c.shape.channels * c.shape.out) {
    x.fill(1, -1, 1);
    weight.fill(2, -1, 1);
  }
  Guarded x;
  Guarded weight;
};

struct Results {
  explicit Results(const Case& c)
      : z(pixels_of(c) * c.shape.out), shift(c.shape.out), sum(c.shape.out), square(c.shape.out) {}
  Guarded z;
  Guarded shift;
  Guarded sum;
  Guarded square;
};

void forward(const Kernels& kernels, const Case& c, const Inputs& inputs, Results& results,
             bool statistics) {
  Guarded scratch(kernels.first_scratch(c.shape));
  FirstForward call;
  call.shape = c.shape;
  call.images = c.images;
  call.x = inputs.x.data();
  call.weight = inputs.weight.data();
  call.z = results.z.data();
  if (statistics) {
    call.statistics = {results.shift.data(), results.sum.data(), results.square.data()};
  }
  call.scratch = scratch.data();
  kernels.first_forward(call);
}

struct Gradient {
  explicit Gradient(const Case& c)
      : g(pixels_of(c) * c.shape.out),
        z(pixels_of(c) * c.shape.out),
        scale(c.shape.out),
        slope(c.shape.out),
        constant(c.shape.out) {
    g.fill(3, -1, 1);
    z.fill(4, -2, 2);
    scale.fill(5, 0.5F, 2);
    slope.fill(6, -0.5F, 0.5F);
    constant.fill(7, -0.5F, 0.5F);
  }
  Guarded g;
  Guarded z;
  Guarded scale;
  Guarded slope;
  Guarded constant;
};

void backward(const Kernels& kernels, const Case& c, const Inputs& inputs, const Gradient& gradient,
              Guarded& dw) {
  Guarded scratch(kernels.first_scratch(c.shape));
  FirstBackward call;
  call.shape = c.shape;
  call.images = c.images;
  call.g = gradient.g.data();
  call.z = gradient.z.data();
  call.gradient = {gradient.scale.data(), gradient.slope.data(), gradient.constant.data()};
  call.x = inputs.x.data();
  call.dw = dw.data();
  call.scratch = scratch.data();
  kernels.first_backward(call);
}

}  // namespace

TEST_CASE("the first convolution is that of plain loops, with a border of zeros at the end") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.out);
    const Inputs inputs(c);
    std::vector<double> expected(pixels_of(c) * c.shape.out);
    for_taps(c, [&](std::int64_t x, std::int64_t weight, std::int64_t z) {
      for (std::int64_t o = 0; o < c.shape.out; ++o) {
        expected[z + o] += static_cast<double>(inputs.x[x]) * inputs.weight[weight + o];
      }
    });
    for_kernels([&](const Kernels& kernels) {
      for (const bool statistics : {true, false}) {
        Results results(c);
        forward(kernels, c, inputs, results, statistics);
        CHECK(relative_difference(results.z, expected) < 1e-6);
      }
    });
  }
}

TEST_CASE("the first convolution's statistics are those of the z it wrote") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.out);
    const Inputs inputs(c);
    for_kernels([&](const Kernels& kernels) {
      Results results(c);
      forward(kernels, c, inputs, results, true);
      std::vector<double> sum(c.shape.out);
      std::vector<double> square(c.shape.out);
      std::vector<double> size(c.shape.out);
      for (std::int64_t i = 0; i < results.z.size(); ++i) {
        const std::int64_t o = i % c.shape.out;
        const double centred = static_cast<double>(results.z[i]) - results.z[o];
        sum[o] += centred;
        size[o] += std::abs(centred);
        square[o] += centred * centred;
      }
      for (std::int64_t o = 0; o < c.shape.out; ++o) {
        CHECK(results.shift[o] == results.z[o]);
        CHECK(std::abs(results.sum[o] - sum[o]) <= 1e-6 * size[o]);
        CHECK(std::abs(results.square[o] - square[o]) <= 2e-6 * square[o]);
      }
    });
  }
}

TEST_CASE(
    "the first convolution's weight gradient is that of plain loops, added to what is there") {
  for (const Case& c : cases()) {
    CAPTURE(c.shape.channels, c.shape.height, c.shape.width, c.shape.out);
    const Inputs inputs(c);
    const Gradient gradient(c);
    std::vector<double> expected(inputs.weight.size(), 0.5);
    for_taps(c, [&](std::int64_t x, std::int64_t weight, std::int64_t z) {
      for (std::int64_t o = 0; o < c.shape.out; ++o) {
        const double dz = static_cast<double>(gradient.g[z + o]) * gradient.scale[o] +
                          static_cast<double>(gradient.z[z + o]) * gradient.slope[o] +
                          gradient.constant[o];
        expected[weight + o] += inputs.x[x] * dz;
      }
    });
    for_kernels([&](const Kernels& kernels) {
      Guarded dw(inputs.weight.size(), 0.5F);
      backward(kernels, c, inputs, gradient, dw);
      CHECK(relative_difference(dw, expected) < 3e-6);
    });
  }
}

TEST_CASE("a NaN of an image reaches the first convolution's results") {
  const Case c = {shape_of(3, 8, 8, 16), 1};
  Inputs inputs(c);
  inputs.x.begin()[20] = NAN;
  for_kernels([&](const Kernels& kernels) {
    Results results(c);
    forward(kernels, c, inputs, results, true);
    CHECK(std::isnan(results.sum[0]));
    Guarded dw(inputs.weight.size(), 0);
    backward(kernels, c, inputs, Gradient(c), dw);
    CHECK(std::isnan(dw[16 * 2]));
  });
}

}  // namespace mobireg
