// The fused kernel against LibTorch's operators, and its formula against central differences.

#include "model/batch_norm_relu6.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <catch2/catch.hpp>

#include "mobireg/core/threads.h"
#include "mobireg/model/regressor.h"
#include "mobireg/training/losses.h"

namespace mobireg {
namespace {

torch::nn::BatchNorm2d norm_of(std::int64_t channels, bool training) {
  torch::manual_seed(11);
  torch::nn::BatchNorm2d norm(torch::nn::BatchNorm2dOptions(channels).eps(1e-3).momentum(0.01));
  const torch::NoGradGuard no_grad;
  norm->weight.uniform_(-1.5, 1.5);
  norm->bias.uniform_(-1, 4);
  norm->running_mean.uniform_(-1, 1);
  norm->running_var.uniform_(0.5, 2);
  norm->train(training);
  return norm;
}

torch::Tensor reference(const torch::Tensor& x, torch::nn::BatchNorm2d norm, int pad_end) {
  return torch::constant_pad_nd(norm(x).clamp(0, 6), {0, pad_end, 0, pad_end});
}

double relative(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / (b.norm() + 1e-12)).item<double>();
}

TEST_CASE("the fused kernel agrees with LibTorch's operators, forward, backward and running") {
  // Channels below, at and above the vector widths, odd ones too; odd images.
  for (const std::int64_t channels : {1, 3, 8, 16, 24, 40, 64, 100, 130}) {
    for (const auto& [height, width] :
         std::vector<std::pair<int, int>>{{1, 1}, {8, 8}, {5, 7}, {32, 32}}) {
      for (const bool training : {true, false}) {
        for (const int pad_end : {0, 1}) {
          CAPTURE(channels, height, width, training, pad_end);
          torch::manual_seed(5);
          auto x = (torch::randn({4, channels, height, width}) * 2 + 1)
                       .contiguous(at::MemoryFormat::ChannelsLast);
          auto x_reference = x.detach().clone();
          x.requires_grad_(true);
          x_reference.requires_grad_(true);
          auto norm = norm_of(channels, training);
          auto norm_reference = norm_of(channels, training);
          REQUIRE(takes_batch_norm_relu6(x));
          const auto y = batch_norm_relu6(x, norm, pad_end);
          const auto expected = reference(x_reference, norm_reference, pad_end);
          REQUIRE(y.sizes() == expected.sizes());
          CHECK(relative(y, expected) < 1e-5);
          const auto gradient = torch::randn_like(expected);
          y.backward(gradient);
          expected.backward(gradient);
          CHECK(relative(x.grad(), x_reference.grad()) < 1e-4);
          CHECK(relative(norm->weight.grad(), norm_reference->weight.grad()) < 1e-4);
          CHECK(relative(norm->bias.grad(), norm_reference->bias.grad()) < 1e-4);
          CHECK(relative(norm->running_mean, norm_reference->running_mean) < 1e-5);
          CHECK(relative(norm->running_var, norm_reference->running_var) < 1e-5);
        }
      }
    }
  }
}

TEST_CASE("the variance survives a mean a thousand times the deviation") {
  auto norm = norm_of(4, true);
  norm->options.momentum(1.0);
  torch::manual_seed(6);
  const auto x = (torch::randn({16, 4, 16, 16}) + 1000).contiguous(at::MemoryFormat::ChannelsLast);
  batch_norm_relu6(x, norm, 0);
  const auto exact = x.to(torch::kDouble).var(at::IntArrayRef{0, 2, 3}, /*unbiased=*/true);
  CHECK(relative(norm->running_var.to(torch::kDouble), exact) < 1e-5);
}

TEST_CASE("the gradient is that of the formula (central differences of LibTorch's, in double)") {
  auto norm = norm_of(3, true);
  torch::manual_seed(7);
  auto x = torch::randn({2, 3, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto weights = torch::randn({2, 3, 3, 3});
  x.requires_grad_(true);
  (batch_norm_relu6(x, norm, 0) * weights).sum().backward();
  norm->to(torch::kDouble);
  const auto loss = [&](const torch::Tensor& input) {
    return (reference(input, norm, 0) * weights).sum().item<double>();
  };
  const torch::NoGradGuard no_grad;
  const auto base = x.detach().to(torch::kDouble);
  const double h = 1e-5;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    auto up = base.contiguous().clone();
    auto down = up.clone();
    up.view(-1)[i] += h;
    down.view(-1)[i] -= h;
    const double expected = (loss(up) - loss(down)) / (2 * h);
    CHECK(x.grad().contiguous().view(-1)[i].item<double>() ==
          Approx(expected).epsilon(1e-3).margin(1e-4));
  }
}

TEST_CASE("the fused kernel's result does not depend on the thread count") {
  torch::manual_seed(8);
  const auto x = torch::randn({8, 24, 32, 32}).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<torch::Tensor> results;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    auto input = x.detach().clone().requires_grad_(true);
    auto norm = norm_of(24, true);
    batch_norm_relu6(input, norm, 1).square().sum().backward();
    results.push_back(torch::cat({input.grad().flatten(), norm->weight.grad(), norm->running_var}));
  }
  at::set_num_threads(available_cores());
  CHECK(torch::equal(results[0], results[1]));
  CHECK(torch::equal(results[0], results[2]));
}

TEST_CASE("layouts the kernel does not take are left to LibTorch") {
  CHECK(!takes_batch_norm_relu6(torch::zeros({2, 8, 4, 4})));
  CHECK(!takes_batch_norm_relu6(
      torch::zeros({2, 8, 4, 4}, torch::kDouble).contiguous(at::MemoryFormat::ChannelsLast)));
  CHECK(!takes_batch_norm_relu6(torch::zeros({1, 8, 1, 1})));
}

TEST_CASE("a network's training step is the same with the kernels on and off") {
  ModelConfig config;
  config.alpha = 0.25;
  Regressor fused(config, 3);
  Regressor plain(config, 3);
  plain->use_fused_kernels(false);
  torch::manual_seed(9);
  const auto images = torch::randn({8, 3, 64, 64}).contiguous(at::MemoryFormat::ChannelsLast);
  Batch batch;
  batch.targets = torch::randn({8, 3});
  const RegressionLoss loss({}, fused->config());
  for (auto* network : {&fused, &plain}) {
    (*network)->train();
    (*network)->reseed_dropout(1);
    loss((*network)(images), batch).backward();
  }
  const auto expected = plain->named_parameters();
  for (const auto& item : fused->named_parameters()) {
    CAPTURE(item.key());
    // A value within rounding of a kink may be clipped on one side alone.
    CHECK(relative(item.value().grad(), expected[item.key()].grad()) < 1e-2);
  }
}

}  // namespace
}  // namespace mobireg
