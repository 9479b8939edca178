// The depthwise kernels against LibTorch's convolution in double, and their formula against central
// differences.

#include "model/depthwise.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <catch2/catch.hpp>

#include "mobireg/core/threads.h"

namespace mobireg {
namespace {

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

torch::Tensor reference(const torch::Tensor& x, const torch::Tensor& weight, int stride) {
  return torch::conv2d(x, weight, {}, stride, stride == 1 ? 1 : 0, 1, x.size(1));
}

double relative(const torch::Tensor& a, const torch::Tensor& exact) {
  return ((a.to(torch::kDouble) - exact).norm() / (exact.norm() + 1e-12)).item<double>();
}

struct Results {
  torch::Tensor y, dx, dw;
};

/// The convolution and its gradients for a loss of sum(y * dy).
template <class Convolution>
Results results_of(const Convolution& convolution, const torch::Tensor& x,
                   const torch::Tensor& weight, const torch::Tensor& dy) {
  const auto input = x.detach().clone(kChannelsLast).requires_grad_(true);
  const auto kernel = weight.detach().clone().requires_grad_(true);
  const auto y = convolution(input, kernel);
  y.backward(dy);
  return {y.detach(), input.grad(), kernel.grad()};
}

struct Case {
  std::int64_t batch, channels, height, width;
  int stride;
};

void check(const Case& c) {
  CAPTURE(c.batch, c.channels, c.height, c.width, c.stride);
  torch::manual_seed(5);
  const auto x = torch::randn({c.batch, c.channels, c.height, c.width}).contiguous(kChannelsLast);
  const auto weight = torch::randn({c.channels, 1, 3, 3});
  const auto dy = torch::randn_like(reference(x, weight, c.stride)).contiguous(kChannelsLast);
  const auto ours = results_of(
      [&](const auto& a, const auto& b) { return depthwise_convolution(a, b, c.stride); }, x,
      weight, dy);
  const auto exact =
      results_of([&](const auto& a, const auto& b) { return reference(a, b, c.stride); },
                 x.to(torch::kDouble), weight.to(torch::kDouble), dy.to(torch::kDouble));
  REQUIRE(ours.y.sizes() == exact.y.sizes());
  CHECK(ours.y.is_contiguous(kChannelsLast));
  // Sums of nine products in float; the weight's are of up to thousands.
  CHECK(relative(ours.y, exact.y) < 1e-6);
  CHECK(relative(ours.dx, exact.dx) < 1e-6);
  CHECK(relative(ours.dw, exact.dw) < 1e-5);
}

TEST_CASE("the depthwise convolution agrees with LibTorch's in double for all sizes of images") {
  for (std::int64_t size = 1; size <= 33; ++size) {
    for (const int stride : {1, 2}) {
      if (stride == 2 && size < 3) continue;
      const std::int64_t other = stride == 1 ? 34 - size : 36 - size;
      check({2, 24, size, size, stride});
      check({1, 8, size, other, stride});
    }
  }
}

TEST_CASE("the depthwise convolution agrees with LibTorch's in double for all channel counts") {
  for (std::int64_t channels = 1; channels <= 130; ++channels) {
    for (const int stride : {1, 2}) check({3, channels, 5, 6, stride});
  }
}

TEST_CASE("the depthwise convolution agrees with LibTorch's in double for all batch sizes") {
  for (std::int64_t batch = 1; batch <= 5; ++batch) {
    for (const int stride : {1, 2}) {
      check({batch, 16, 33, 33, stride});
      check({batch, 512, 4, 4, stride});
      check({batch, 37, 7, 5, stride});
    }
    check({batch, 1024, 2, 2, 1});
    check({batch, 40, 1, 1, 1});
  }
}

TEST_CASE("the depthwise gradients are those of the formula (central differences in double)") {
  for (const int stride : {1, 2}) {
    torch::manual_seed(7);
    const auto x = torch::randn({2, 9, 5, 4}).contiguous(kChannelsLast);
    const auto weight = torch::randn({9, 1, 3, 3});
    const auto dy = torch::randn_like(reference(x, weight, stride)).contiguous(kChannelsLast);
    const auto ours = results_of(
        [&](const auto& a, const auto& b) { return depthwise_convolution(a, b, stride); }, x,
        weight, dy);
    const auto exact_dy = dy.to(torch::kDouble);
    const auto check_gradient = [&](const torch::Tensor& at, const torch::Tensor& gradient,
                                    const auto& convolution) {
      const auto base = at.to(torch::kDouble).contiguous();
      const auto loss = [&](std::int64_t i, double h) {
        auto moved = base.clone();
        moved.view(-1)[i] += h;
        return (convolution(moved) * exact_dy).sum().template item<double>();
      };
      for (std::int64_t i = 0; i < base.numel(); ++i) {
        const double expected = (loss(i, 1e-4) - loss(i, -1e-4)) / 2e-4;
        CHECK(gradient.contiguous().view(-1)[i].item<double>() ==
              Approx(expected).epsilon(1e-4).margin(1e-5));
      }
    };
    const auto exact_x = x.to(torch::kDouble);
    const auto exact_weight = weight.to(torch::kDouble);
    check_gradient(x, ours.dx, [&](const auto& a) { return reference(a, exact_weight, stride); });
    check_gradient(weight, ours.dw, [&](const auto& b) { return reference(exact_x, b, stride); });
  }
}

TEST_CASE("the depthwise convolution does not depend on the thread count, bit for bit") {
  for (const Case& c : {Case{8, 24, 32, 32, 1}, Case{8, 24, 33, 33, 2}, Case{64, 512, 4, 4, 1},
                        Case{64, 1024, 2, 2, 1}, Case{5, 19, 9, 9, 2}}) {
    CAPTURE(c.channels, c.height, c.stride);
    torch::manual_seed(8);
    const auto x = torch::randn({c.batch, c.channels, c.height, c.width}).contiguous(kChannelsLast);
    const auto weight = torch::randn({c.channels, 1, 3, 3});
    const auto dy = torch::randn_like(reference(x, weight, c.stride)).contiguous(kChannelsLast);
    std::vector<Results> results;
    for (const int threads : {1, 2, 3}) {
      at::set_num_threads(threads);
      results.push_back(results_of(
          [&](const auto& a, const auto& b) { return depthwise_convolution(a, b, c.stride); }, x,
          weight, dy));
    }
    at::set_num_threads(available_cores());
    for (const std::size_t i : {1, 2}) {
      CHECK(torch::equal(results[0].y, results[i].y));
      CHECK(torch::equal(results[0].dx, results[i].dx));
      CHECK(torch::equal(results[0].dw, results[i].dw));
    }
  }
}

TEST_CASE("the depthwise convolution makes only the gradients that are asked for") {
  const auto x = torch::randn({2, 8, 4, 4}).contiguous(kChannelsLast);
  const auto weight = torch::randn({8, 1, 3, 3}).requires_grad_(true);
  depthwise_convolution(x, weight, 1).sum().backward();
  CHECK(!x.grad().defined());
  CHECK(weight.grad().defined());
  const auto input = x.detach().clone(kChannelsLast).requires_grad_(true);
  depthwise_convolution(input, weight.detach(), 1).sum().backward();
  CHECK(input.grad().defined());
}

TEST_CASE("a gradient in another layout or broadcast is taken") {
  const auto x = torch::randn({2, 8, 5, 5}).contiguous(kChannelsLast);
  const auto weight = torch::randn({8, 1, 3, 3});
  const auto dy = torch::ones({1, 1, 1, 1}).expand({2, 8, 5, 5});
  const auto ours = results_of(
      [&](const auto& a, const auto& b) { return depthwise_convolution(a, b, 1); }, x, weight, dy);
  const auto exact =
      results_of([&](const auto& a, const auto& b) { return reference(a, b, 1); },
                 x.to(torch::kDouble), weight.to(torch::kDouble), dy.to(torch::kDouble));
  CHECK(relative(ours.dx, exact.dx) < 1e-6);
  CHECK(relative(ours.dw, exact.dw) < 1e-5);
}

TEST_CASE("convolutions that the depthwise kernels do not take are left to LibTorch") {
  const auto x = torch::zeros({2, 8, 4, 4}).contiguous(kChannelsLast);
  const auto weight = torch::zeros({8, 1, 3, 3});
  CHECK(takes_depthwise_convolution(x, weight, 1));
  CHECK(takes_depthwise_convolution(torch::zeros({2, 7, 2, 2}).contiguous(kChannelsLast),
                                    torch::zeros({7, 1, 3, 3}), 1));
  CHECK(!takes_depthwise_convolution(torch::zeros({2, 7, 4, 4}).contiguous(kChannelsLast),
                                     torch::zeros({7, 1, 3, 3}), 1));  // slower there
  CHECK(!takes_depthwise_convolution(x.contiguous(), weight, 1));
  CHECK(!takes_depthwise_convolution(x.to(torch::kDouble), weight, 1));
  CHECK(!takes_depthwise_convolution(x, weight.to(torch::kDouble), 1));
  CHECK(!takes_depthwise_convolution(x, torch::zeros({16, 1, 3, 3}), 1));  // depth multiplier 2
  CHECK(!takes_depthwise_convolution(x, torch::zeros({8, 8, 3, 3}), 1));
  CHECK(!takes_depthwise_convolution(x, torch::zeros({8, 1, 5, 5}), 1));
  CHECK(!takes_depthwise_convolution(x, weight, 3));
  CHECK(!takes_depthwise_convolution(torch::zeros({2, 8, 2, 4}).contiguous(kChannelsLast), weight,
                                     2));
}

}  // namespace
}  // namespace mobireg
