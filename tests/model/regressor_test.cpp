#include "mobireg/model/regressor.h"

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/model/summary.h"

namespace mobireg {
namespace {

ModelConfig small_model() {
  ModelConfig config;
  config.alpha = 0.25;
  return config;
}

std::int64_t count(const std::vector<torch::Tensor>& tensors) {
  std::int64_t total = 0;
  for (const torch::Tensor& tensor : tensors) total += tensor.numel();
  return total;
}

TEST_CASE("alpha 1 at 64 pixels has Keras's parameters and multiply-adds") {
  const ModelSummary summary = summarize({});
  CHECK(summary.parameters == 3'622'851);
  CHECK(summary.not_trainable == 21'888);
  CHECK(static_cast<double>(summary.multiply_adds) * 1e-6 == Approx(46.74).margin(0.005));
}

TEST_CASE("alpha 0.75 has Keras's parameters") {
  ModelConfig config;
  config.alpha = 0.75;
  CHECK(summarize(config).parameters == 2'128'659);
}

TEST_CASE("the summary counts what the network holds") {
  ModelConfig config = small_model();
  config.depth_multiplier = 2;
  config.input.color_mode = ColorMode::kGrayscale;
  config.input.size = 96;
  const Regressor network(config);
  const ModelSummary summary = summarize(config);
  CHECK(count(network->parameters()) == summary.parameters - summary.not_trainable);
  CHECK(summary.to_string().find("conv_dw_13_bn") != std::string::npos);
}

TEST_CASE("every multiple of 32 gives one feature vector an image, for 1 and 3 channels") {
  const torch::NoGradGuard no_grad;
  for (const int size : {32, 64, 96, 160}) {
    for (const ColorMode mode : {ColorMode::kRgb, ColorMode::kGrayscale}) {
      ModelConfig config = small_model();
      config.input.size = size;
      config.input.color_mode = mode;
      Regressor network(config);
      network->eval();
      const torch::Tensor outputs = network(torch::zeros({2, config.input.channels(), size, size}));
      CHECK(outputs.sizes() == at::IntArrayRef({2, 3}));
    }
  }
}

TEST_CASE("a joint head gives all outputs, with or without a hidden layer") {
  for (const int hidden : {128, 0}) {
    ModelConfig config = small_model();
    config.outputs = {{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}};
    config.heads = {{"landmarks", {"x{0..67}", "y{0..67}"}, hidden}};
    Regressor network(config);
    CHECK(network->config().outputs.size() == 136);
    CHECK(network(torch::zeros({2, 3, 64, 64})).sizes() == at::IntArrayRef({2, 136}));
  }
}

TEST_CASE("heads differ in width and are concatenated in order") {
  ModelConfig config = small_model();
  config.heads = {{"a", {"pitch"}, 16}, {"b", {"yaw", "roll"}, 0}};
  const Regressor network(config);
  const auto parameters = network->named_parameters();
  CHECK(parameters["heads.a.hidden.weight"].size(0) == 16);
  CHECK(parameters["heads.b.output.weight"].sizes() == at::IntArrayRef({2, 256}));
  CHECK(!parameters.contains("heads.b.hidden.weight"));
}

TEST_CASE("one seed gives one set of weights, another seed another") {
  const auto weight = [](std::uint64_t seed) {
    return Regressor(small_model(), seed)->named_parameters()["backbone.conv_pw_3.weight"];
  };
  CHECK(torch::equal(weight(1), weight(1)));
  CHECK(!torch::equal(weight(1), weight(2)));
}

TEST_CASE("a dropout mask is a function of the seed given, and keeps the mean") {
  ModelConfig config = small_model();
  config.outputs = {{"a", Unit::kNone}};
  config.heads = {{"a", {"a"}, 4096, 0.2}};
  Regressor network(config);
  const torch::Tensor image = torch::ones({1, 3, 64, 64}).expand({8, 3, 64, 64});
  const torch::NoGradGuard no_grad;
  const auto outputs = [&](std::uint64_t seed) {
    network->train();
    network->reseed_dropout(seed);
    return network(image);
  };
  CHECK(torch::equal(outputs(1), outputs(1)));
  CHECK(!torch::equal(outputs(1), outputs(2)));
}

TEST_CASE("evaluation ignores dropout") {
  Regressor network(small_model());
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor image = torch::rand({2, 3, 64, 64});
  network->reseed_dropout(1);
  const torch::Tensor first = network(image);
  network->reseed_dropout(2);
  CHECK(torch::equal(first, network(image)));
}

TEST_CASE("a size that is no multiple of 32 is refused") {
  ModelConfig config = small_model();
  config.input.size = 50;
  CHECK_THROWS_WITH(Regressor(config),
                    "model.input.size: 50 is not allowed; it must be a positive multiple of 32");
}

}  // namespace
}  // namespace mobireg
