// Optimisers against real tf.keras 2.15.1 (scripts/reference/keras_optimizers.py).

#include "mobireg/training/optimizer.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;

const json& fixture() {
  static const json parsed = read_fixture("keras_optimizers.json");
  return parsed;
}

torch::Tensor tensor_of(const json& values, const json& shape) {
  return torch::tensor(values.get<std::vector<float>>())
      .view(shape.get<std::vector<std::int64_t>>());
}

OptimizerConfig config_of(const std::string& name) {
  OptimizerConfig config;
  config.name = name == "adam"  ? OptimizerKind::kAdam
                : name == "sgd" ? OptimizerKind::kSgd
                                : OptimizerKind::kMomentum;
  config.learning_rate = name == "adam" ? 0.001 : 0.01;
  return config;
}

std::vector<NamedTensor> initial_weights() {
  std::vector<NamedTensor> weights;
  for (const auto& item : fixture()["tensors"].items()) {
    torch::Tensor weight = tensor_of(item.value()["initial"], item.value()["shape"]).clone();
    weights.push_back({item.key(), weight.requires_grad_(true)});
  }
  return weights;
}

void set_gradients(std::vector<NamedTensor>& weights, std::size_t step) {
  for (NamedTensor& weight : weights) {
    const json& tensor = fixture()["tensors"][weight.name];
    weight.tensor.mutable_grad() = tensor_of(tensor["gradients"][step], tensor["shape"]);
  }
}

TEST_CASE("three steps on Keras's gradients give Keras's weights to 1e-6") {
  for (const std::string name : {"adam", "sgd", "momentum"}) {
    auto weights = initial_weights();
    Optimizer optimizer(weights, config_of(name));
    for (std::size_t step = 0; step < 3; ++step) {
      set_gradients(weights, step);
      optimizer.step();
      for (const NamedTensor& weight : weights) {
        CAPTURE(name, step, weight.name);
        const torch::Tensor expected =
            tensor_of(fixture()["optimizers"][name]["weights"][weight.name][step],
                      fixture()["tensors"][weight.name]["shape"]);
        CHECK((weight.tensor.detach() - expected).abs().max().item<double>() < 1e-6);
      }
    }
  }
}

TEST_CASE("the sweep gives the numbers of LibTorch's operators, whatever the layout and the size") {
  for (const std::string name : {"adam", "sgd", "momentum"}) {
    torch::manual_seed(5);
    // Doubles go through the operators.
    const auto values = torch::randn({40, 50, 3, 3});
    const auto strange = torch::randn({40, 3, 3, 50}).permute({0, 3, 1, 2});
    std::vector<NamedTensor> swept{
        {"a", values.clone().requires_grad_(true)},
        {"b", strange.clone().requires_grad_(true)},
        {"c", values.view({-1}).slice(0, 0, 1).clone().requires_grad_(true)}};
    std::vector<NamedTensor> plain;
    for (const NamedTensor& weight : swept) {
      const auto exact = weight.tensor.detach().to(torch::kDouble);
      plain.push_back({weight.name, exact.requires_grad_(true)});
    }
    Optimizer sweep(swept, config_of(name));
    Optimizer operators(plain, config_of(name));
    for (int step = 0; step < 3; ++step) {
      for (std::size_t i = 0; i < swept.size(); ++i) {
        const auto gradient =
            torch::randn(swept[i].tensor.sizes());  // contiguous, whatever the weight
        swept[i].tensor.mutable_grad() = gradient;
        plain[i].tensor.mutable_grad() = gradient.to(torch::kDouble);
      }
      sweep.step();
      operators.step();
    }
    for (std::size_t i = 0; i < swept.size(); ++i) {
      CAPTURE(name, i);
      CHECK(torch::allclose(swept[i].tensor.to(torch::kDouble), plain[i].tensor, 1e-5, 1e-6));
      CHECK_FALSE(torch::equal(swept[i].tensor.detach(), i == 1 ? strange : values));
    }
  }
}

TEST_CASE("an optimiser restored from its state goes on bit for bit") {
  for (const std::string name : {"adam", "sgd", "momentum"}) {
    auto straight = initial_weights();
    Optimizer optimizer(straight, config_of(name));
    set_gradients(straight, 0);
    optimizer.step();
    std::vector<NamedTensor> copied;
    for (const NamedTensor& weight : straight) {
      copied.push_back({weight.name, weight.tensor.detach().clone().requires_grad_(true)});
    }
    Optimizer restored(copied, config_of(name));
    restored.load_state({{}, optimizer.state()}, "test");
    for (auto* weights : {&straight, &copied}) set_gradients(*weights, 1);
    optimizer.step();
    restored.step();
    for (std::size_t i = 0; i < copied.size(); ++i) {
      CHECK(torch::equal(copied[i].tensor, straight[i].tensor));
    }
  }
}

TEST_CASE("a state that lacks a tensor is refused by its name") {
  Optimizer optimizer(initial_weights(), config_of("adam"));
  auto state = optimizer.state();
  state.pop_back();
  CHECK_THROWS_WITH(
      Optimizer(initial_weights(), config_of("adam")).load_state({{}, state}, "run"),
      "run: the optimiser's tensor optimizer.v.vector is missing or of another shape");
}

}  // namespace
}  // namespace mobireg
