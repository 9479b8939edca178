// All heads' hidden layers as one product, against each head alone.

#include "mobireg/model/regressor.h"

#include <torch/autograd.h>

#include <catch2/catch.hpp>

namespace mobireg {
namespace {

/// Two heads of unlike width, the second without dropout.
ModelConfig two_heads() {
  ModelConfig config;
  config.alpha = 0.25;
  config.input.size = 32;
  config.heads = {{"pose", {"pitch", "yaw"}, 24, 0.3}, {"tilt", {"roll"}, 40, 0.0}};
  return config;
}

Regressor network_of(const ModelConfig& config, bool fused) {
  Regressor network(config, 4);
  network->use_fused_kernels(fused);
  MobileNet(network->backbone())->use_fused_kernels(true);
  network->reseed_dropout(9);
  return network;
}

TEST_CASE("heads together give the outputs and gradients of each head alone, dropout included") {
  for (const bool training : {true, false}) {
    CAPTURE(training);
    Regressor together = network_of(two_heads(), true);
    Regressor alone = network_of(two_heads(), false);
    together->train(training);
    alone->train(training);
    torch::manual_seed(2);
    const torch::Tensor images = torch::randn({5, 3, 32, 32});
    const torch::Tensor dy = torch::randn({5, 3});
    const torch::Tensor y = together(images);
    const torch::Tensor expected = alone(images);
    CHECK(torch::allclose(y, expected, 1e-5, 1e-6));
    y.backward(dy);
    expected.backward(dy);
    const auto gradients = alone->named_parameters();
    for (const auto& item : together->named_parameters()) {
      CAPTURE(item.key());
      const torch::Tensor& exact = gradients[item.key()].grad();
      CHECK(((item.value().grad() - exact).norm() / (exact.norm() + 1e-12)).item<double>() < 1e-4);
    }
  }
}

TEST_CASE("a head without a hidden layer has its own way") {
  ModelConfig config = two_heads();
  config.heads[1].hidden = 0;
  CHECK(network_of(config, true)(torch::zeros({2, 3, 32, 32})).sizes() == at::IntArrayRef({2, 3}));
}

}  // namespace
}  // namespace mobireg
