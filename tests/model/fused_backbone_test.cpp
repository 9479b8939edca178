// The fused backbone against LibTorch's operators, forward, backward and in training.

#include "model/fused_backbone.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <catch2/catch.hpp>

#include "mobireg/core/threads.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/weights.h"

namespace mobireg {
namespace {

struct Setting {
  double alpha;
  int size;
  ColorMode color_mode;
  std::int64_t batch;
};

ModelConfig model_of(const Setting& setting) {
  ModelConfig config;
  config.alpha = setting.alpha;
  config.input.size = setting.size;
  config.input.color_mode = setting.color_mode;
  return config;
}

/// A backbone whose batch normalisations clip at both ends and have seen other batches before.
MobileNet backbone_of(const ModelConfig& config, bool fused) {
  torch::manual_seed(3);
  MobileNet backbone(config);
  backbone->use_fused_kernels(fused);
  const torch::NoGradGuard no_grad;
  for (const auto& item : backbone->named_parameters()) {
    torch::Tensor values = item.value();
    if (values.dim() == 4) {
      values.normal_(0, std::sqrt(2.0 / static_cast<double>(values[0].numel())));
    } else if (item.key().find("weight") != std::string::npos) {
      values.uniform_(0.5, 2.5);
    } else {
      values.uniform_(-1, 4);
    }
  }
  for (const auto& item : backbone->named_buffers()) {
    if (item.key().find("mean") != std::string::npos) item.value().uniform_(-0.5, 0.5);
    if (item.key().find("var") != std::string::npos) item.value().uniform_(0.5, 2);
  }
  return backbone;
}

torch::Tensor images_of(const Setting& setting) {
  torch::manual_seed(4);
  const int channels = setting.color_mode == ColorMode::kRgb ? 3 : 1;
  return torch::randn({setting.batch, channels, setting.size, setting.size});
}

double relative(const torch::Tensor& a, const torch::Tensor& exact) {
  const torch::Tensor reference = exact.to(torch::kDouble);
  return ((a.to(torch::kDouble) - reference).norm() / (reference.norm() + 1e-12)).item<double>();
}

/// Weights' gradients for the loss sum(features * fixed numbers).
torch::Tensor run(MobileNet& backbone, const torch::Tensor& images) {
  const torch::Tensor y = backbone(images);
  torch::manual_seed(5);
  const torch::Tensor dy = torch::randn(y.sizes()).to(y.scalar_type());
  if (y.requires_grad()) y.backward(dy);
  return y.detach();
}

void check_same(const MobileNet& ours, const MobileNet& exact, double tolerance) {
  const auto expected = exact->named_parameters();
  for (const auto& item : ours->named_parameters()) {
    CAPTURE(item.key());
    REQUIRE(item.value().grad().defined() == expected[item.key()].grad().defined());
    if (!item.value().grad().defined()) continue;
    REQUIRE(item.value().grad().sizes() == item.value().sizes());
    CHECK(relative(item.value().grad(), expected[item.key()].grad()) < tolerance);
  }
  const auto running = exact->named_buffers();
  for (const auto& item : ours->named_buffers()) {
    CAPTURE(item.key());
    if (item.key().find("running") != std::string::npos) {
      CHECK(relative(item.value(), running[item.key()]) < 1e-5);
    }
  }
}

TEST_CASE("features, gradients and running statistics are those of LibTorch's operators") {
  for (const Setting& setting :
       {Setting{0.25, 32, ColorMode::kRgb, 4}, Setting{0.3, 64, ColorMode::kGrayscale, 3},
        Setting{0.5, 96, ColorMode::kRgb, 2}, Setting{1.0, 64, ColorMode::kRgb, 5}}) {
    for (const bool training : {true, false}) {
      CAPTURE(setting.alpha, setting.size, training);
      const ModelConfig config = model_of(setting);
      const torch::Tensor images = images_of(setting);
      MobileNet ours = backbone_of(config, true);
      MobileNet exact = backbone_of(config, false);
      exact->to(torch::kDouble);
      ours->train(training);
      exact->train(training);
      const torch::Tensor y = run(ours, images);
      CHECK(relative(y, run(exact, images.to(torch::kDouble))) < 1e-5);
      // A ReLU6 on its edge falls to the other side now and then.
      check_same(ours, exact, 2e-3);
    }
  }
}

/// What rounding to bfloat16 keeps of a tensor's values.
void round_to_bfloat16(torch::Tensor values) {
  const torch::NoGradGuard no_grad;
  values.copy_(values.to(torch::kBFloat16).to(torch::kFloat));
}

/// Of a backbone's parameters: the convolutions' each, the normalisations' as one.
std::vector<torch::Tensor> gradient_parts(const MobileNet& backbone) {
  std::vector<torch::Tensor> parts, normalizations;
  for (const auto& item : backbone->named_parameters()) {
    const bool convolution = item.value().dim() == 4;
    (convolution ? parts : normalizations).push_back(item.value().grad().flatten());
  }
  parts.push_back(torch::cat(normalizations));
  return parts;
}

// How far gradients move when numbers are rounded depends on the network more than on the kernels:
// in this one by up to 0.46 of their length where weights and images alone are rounded. That is the
// measure. The kernels round z, g and the products' factors besides, as often and as much: that
// makes it larger by the root of 2 or 3, while a gradient that is missing would move by 1.
TEST_CASE("in bfloat16 gradients move about as far as when weights and images alone are rounded") {
  if (!has_bfloat16_kernels()) {
    WARN("skipped: this processor has no AVX512-BF16");
    return;
  }
  const Setting setting{0.5, 64, ColorMode::kRgb, 8};
  MobileNet ours = backbone_of(model_of(setting), true);
  MobileNet exact = backbone_of(model_of(setting), true);
  MobileNet rounded = backbone_of(model_of(setting), true);
  torch::Tensor rounded_images = images_of(setting);
  round_to_bfloat16(rounded_images);
  for (torch::Tensor& weight : rounded->parameters()) round_to_bfloat16(weight);
  ours->use_bfloat16(true);
  for (MobileNet* each : {&ours, &exact, &rounded}) (*each)->train();
  const torch::Tensor y = run(ours, images_of(setting));
  const torch::Tensor expected = run(exact, images_of(setting));
  const double measure = relative(run(rounded, rounded_images), expected);
  CHECK(y.scalar_type() == torch::kFloat);
  CHECK(relative(y, expected) < 2 * measure);
  CHECK(relative(y, expected) > 1e-6);
  const std::vector<torch::Tensor> right = gradient_parts(exact);
  const std::vector<torch::Tensor> moved = gradient_parts(rounded);
  const std::vector<torch::Tensor> parts = gradient_parts(ours);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CAPTURE(i, parts[i].numel());
    CHECK(relative(parts[i], right[i]) < 2 * relative(moved[i], right[i]));
  }
}

TEST_CASE("evaluation after training in bfloat16 is that of floats") {
  if (!has_bfloat16_kernels()) {
    WARN("skipped: this processor has no AVX512-BF16");
    return;
  }
  const Setting setting{0.5, 64, ColorMode::kRgb, 8};
  MobileNet ours = backbone_of(model_of(setting), true);
  MobileNet exact = backbone_of(model_of(setting), true);
  ours->use_bfloat16(true);
  ours->train();
  run(ours, images_of(setting));
  ours->eval();
  exact->eval();
  const torch::NoGradGuard no_grad;
  for (const auto& item : exact->named_buffers()) {
    item.value().copy_(ours->named_buffers()[item.key()]);
  }
  CHECK(torch::equal(ours(images_of(setting)), exact(images_of(setting))));
}

TEST_CASE("frozen layers get no gradient, and the others the same") {
  const Setting setting{0.25, 64, ColorMode::kRgb, 4};
  for (const std::string last : {"conv1", "conv_dw_3", "conv_pw_13"}) {
    CAPTURE(last);
    std::vector<MobileNet> backbones;
    for (const bool fused : {true, false}) {
      MobileNet backbone = backbone_of(model_of(setting), fused);
      backbone->train();
      for (const MobileNetLayer& layer : backbone->layers()) {
        const auto children = backbone->named_children();
        children[layer.name + "_bn"]->eval();
        for (const std::string& name : {layer.name, layer.name + "_bn"}) {
          for (auto& parameter : children[name]->parameters()) parameter.requires_grad_(false);
        }
        if (layer.name == last) break;
      }
      backbones.push_back(backbone);
    }
    run(backbones[0], images_of(setting));
    run(backbones[1], images_of(setting));
    check_same(backbones[0], backbones[1], 2e-3);
  }
}

TEST_CASE("the variance survives a mean a thousand times the deviation") {
  const Setting setting{0.25, 64, ColorMode::kRgb, 4};
  MobileNet backbone = backbone_of(model_of(setting), true);
  backbone->train();
  auto* norm = backbone->named_children()["conv1_bn"]->as<torch::nn::BatchNorm2d>();
  norm->options.momentum(1.0);
  torch::Tensor weight =
      backbone->named_children()["conv1"]->as<torch::nn::Conv2d>()->weight.detach();
  weight.zero_();
  weight.select(2, 0).select(2, 0).fill_(0.5);  // reads no padding
  const torch::Tensor images = images_of(setting) + 1000;
  backbone(images);
  const torch::Tensor padded = torch::constant_pad_nd(images, {0, 1, 0, 1}).to(torch::kDouble);
  const auto exact = torch::conv2d(padded, weight.to(torch::kDouble), {}, 2)
                         .var(at::IntArrayRef{0, 2, 3}, /*unbiased=*/true);
  CHECK(relative(norm->running_var, exact) < 1e-4);
}

TEST_CASE("without gradients nothing but the features is made, and they are the same") {
  const Setting setting{0.5, 64, ColorMode::kRgb, 3};
  MobileNet backbone = backbone_of(model_of(setting), true);
  backbone->eval();
  const torch::Tensor with = run(backbone, images_of(setting));
  const torch::NoGradGuard no_grad;
  const torch::Tensor without = backbone(images_of(setting));
  CHECK(torch::equal(with, without));
  CHECK_FALSE(without.requires_grad());
}

TEST_CASE("any thread count gives the same but for rounding") {
  const Setting setting{0.5, 64, ColorMode::kRgb, 20};
  const torch::Tensor images = images_of(setting);
  at::set_num_threads(1);
  MobileNet alone = backbone_of(model_of(setting), true);
  alone->train();
  const torch::Tensor y = run(alone, images);
  for (const int threads : {2, 3, 7, 16}) {  // more than there are blocks: they share channels
    CAPTURE(threads);
    at::set_num_threads(threads);
    MobileNet shared = backbone_of(model_of(setting), true);
    shared->train();
    CHECK(relative(run(shared, images), y) < 1e-5);
    check_same(shared, alone, 1e-5);
  }
  at::set_num_threads(available_cores());
}

TEST_CASE("the same thread count gives the same bits") {
  const Setting setting{0.5, 64, ColorMode::kRgb, 8};
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    std::vector<torch::Tensor> results;
    for (int i = 0; i < 2; ++i) {
      MobileNet backbone = backbone_of(model_of(setting), true);
      backbone->train();
      std::vector<torch::Tensor> all{run(backbone, images_of(setting)).flatten()};
      for (const auto& parameter : backbone->parameters())
        all.push_back(parameter.grad().flatten());
      results.push_back(torch::cat(all));
    }
    CHECK(torch::equal(results[0], results[1]));
  }
  at::set_num_threads(available_cores());
}

TEST_CASE("a NaN in the images is not hidden") {
  const Setting setting{0.25, 64, ColorMode::kRgb, 2};
  MobileNet backbone = backbone_of(model_of(setting), true);
  torch::Tensor images = images_of(setting);
  images[0][0][5][5] = std::nan("");
  CHECK(backbone(images).isnan().any().item<bool>());
}

TEST_CASE("what the kernels do not take goes through LibTorch's operators") {
  const Setting setting{0.25, 32, ColorMode::kRgb, 2};
  ModelConfig config = model_of(setting);
  CHECK(backbone_of(config, true)(images_of(setting).requires_grad_()).requires_grad());
  config.depth_multiplier = 2;
  CHECK(backbone_of(config, true)(images_of(setting)).size(1) == 256);
  config.depth_multiplier = 1;
  MobileNet backbone = backbone_of(config, true);
  backbone->eval();
  CHECK(backbone(images_of(setting).slice(0, 0, 1)).size(0) == 1);  // one value a channel
}

}  // namespace
}  // namespace mobireg
