// Optimisers against real tf.keras 2.15.1 (scripts/reference/keras_optimizers.py).

#include "mobireg/training/optimizer.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "mobireg/core/error.h"
#include "mobireg/model/regressor.h"

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

OptimizerConfig plain_config(OptimizerKind kind) {
  OptimizerConfig config;
  config.name = kind;
  const bool is_adam = kind == OptimizerKind::kAdam || kind == OptimizerKind::kAdamW;
  config.learning_rate = is_adam ? 0.001 : 0.01;
  return config;
}

/// Every kind, with all that an update can do.
std::vector<OptimizerConfig> all_configs() {
  std::vector<OptimizerConfig> configs;
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kAdamW, OptimizerKind::kSgd,
                                   OptimizerKind::kMomentum, OptimizerKind::kNesterov}) {
    configs.push_back(plain_config(kind));
    configs.push_back(plain_config(kind));
    configs.back().weight_decay = 0.1;
    configs.back().clip_norm = 2;
  }
  return configs;
}

/// As Keras's optimiser of the fixture was made.
OptimizerConfig config_of(const std::string& name) {
  static const std::map<std::string, OptimizerKind> kinds{
      {"adam", OptimizerKind::kAdam},         {"sgd", OptimizerKind::kSgd},
      {"momentum", OptimizerKind::kMomentum}, {"nesterov", OptimizerKind::kNesterov},
      {"adamw", OptimizerKind::kAdamW},       {"clipped_sgd", OptimizerKind::kSgd},
      {"unclipped_sgd", OptimizerKind::kSgd}, {"clipped_adamw", OptimizerKind::kAdamW}};
  OptimizerConfig config = plain_config(kinds.at(name));
  const json& keras = fixture()["optimizers"][name]["config"];
  config.learning_rate = keras["learning_rate"];
  config.weight_decay = keras.value("weight_decay", 0.0);
  config.clip_norm = keras.value("global_clipnorm", 0.0);
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
  REQUIRE(fixture()["optimizers"].size() == 8);
  for (const auto& item : fixture()["optimizers"].items()) {
    auto weights = initial_weights();
    Optimizer optimizer(weights, config_of(item.key()));
    for (std::size_t step = 0; step < 3; ++step) {
      set_gradients(weights, step);
      optimizer.step();
      for (const NamedTensor& weight : weights) {
        CAPTURE(item.key(), step, weight.name);
        const torch::Tensor expected = tensor_of(item.value()["weights"][weight.name][step],
                                                 fixture()["tensors"][weight.name]["shape"]);
        CHECK((weight.tensor.detach() - expected).abs().max().item<double>() < 1e-6);
      }
    }
  }
}

TEST_CASE("the sweep gives the numbers of LibTorch's operators, whatever the layout and the size") {
  for (const OptimizerConfig& config : all_configs()) {
    torch::manual_seed(5);
    // Doubles go through the operators.
    const auto values = torch::randn({40, 50, 3, 3});
    const auto strange = torch::randn({40, 3, 3, 50}).permute({0, 3, 1, 2});
    std::vector<NamedTensor> swept{
        {"a", values.clone().requires_grad_(true)},
        {"b", strange.clone().requires_grad_(true)},
        {"c", values.view({-1}).slice(0, 0, 1).clone().requires_grad_(true)}};
    std::vector<NamedTensor> plain;
    std::vector<at::Tensor> swept_averages;
    std::vector<at::Tensor> plain_averages;
    for (const NamedTensor& weight : swept) {
      const auto exact = weight.tensor.detach().to(torch::kDouble);
      plain.push_back({weight.name, exact.requires_grad_(true)});
      swept_averages.push_back(weight.tensor.detach().clone());
      plain_averages.push_back(exact.detach().clone());
    }
    Optimizer sweep(swept, config);
    sweep.set_averages(swept_averages);
    Optimizer operators(plain, config);
    operators.set_averages(plain_averages);
    for (int step = 0; step < 3; ++step) {
      for (std::size_t i = 0; i < swept.size(); ++i) {
        const auto gradient =
            torch::randn(swept[i].tensor.sizes());  // contiguous, whatever the weight
        swept[i].tensor.mutable_grad() = gradient;
        plain[i].tensor.mutable_grad() = gradient.to(torch::kDouble);
      }
      UpdateOptions options;
      options.gradient_scale = 0.5;
      options.average_share = 0.25;
      sweep.step(options);
      operators.step(options);
    }
    for (std::size_t i = 0; i < swept.size(); ++i) {
      CAPTURE(static_cast<int>(config.name), config.clip_norm, i);
      CHECK(torch::allclose(swept[i].tensor.to(torch::kDouble), plain[i].tensor, 1e-5, 1e-6));
      CHECK(torch::allclose(swept_averages[i].to(torch::kDouble), plain_averages[i], 1e-5, 1e-6));
      CHECK_FALSE(torch::equal(swept[i].tensor.detach(), swept_averages[i]));
    }
  }
}

TEST_CASE("an update is the same, bit for bit, whatever the number of threads") {
  const int threads = at::get_num_threads();
  for (const OptimizerConfig& config : all_configs()) {
    std::vector<at::Tensor> results;
    for (const int count : {1, 2, 3}) {
      at::set_num_threads(count);
      torch::manual_seed(6);
      const std::vector<NamedTensor> weights{{"a", torch::randn({300, 321}).requires_grad_(true)}};
      weights[0].tensor.mutable_grad() = torch::randn({300, 321});
      Optimizer(weights, config).step();
      results.push_back(weights[0].tensor.detach());
    }
    CHECK(torch::equal(results[0], results[1]));
    CHECK(torch::equal(results[0], results[2]));
  }
  at::set_num_threads(threads);
}

TEST_CASE("decay touches weights alone: not biases nor BatchNorm's, nor what has no gradient") {
  for (OptimizerConfig config : all_configs()) {
    config.weight_decay = 0.5;
    Regressor network(ModelConfig{});
    std::vector<NamedTensor> parameters;
    std::vector<at::Tensor> before;
    for (const auto& item : network->named_parameters()) {
      parameters.push_back({item.key(), item.value()});
      before.push_back(item.value().detach().clone());
      if (item.key() != "backbone.conv1.weight") {
        item.value().mutable_grad() = torch::zeros_like(item.value());
      }
    }
    for (at::Tensor& tensor : network->parameters()) {
      const torch::NoGradGuard no_grad;
      if (tensor.dim() == 1) tensor.fill_(1);  // a bias of 0 would not show it
    }
    Optimizer(parameters, config).step();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const at::Tensor now = parameters[i].tensor.detach();
      CAPTURE(static_cast<int>(config.name), parameters[i].name);
      if (now.dim() == 1) {
        CHECK(torch::equal(now, torch::ones_like(now)));
      } else {
        CHECK(torch::equal(now, before[i]) == (parameters[i].name == "backbone.conv1.weight"));
      }
    }
  }
}

TEST_CASE("the backbone's rate is a multiple of the others'") {
  for (OptimizerConfig config : all_configs()) {
    config.clip_norm = 0;
    std::vector<at::Tensor> moves;
    for (const auto& [name, factor] :
         std::vector<std::pair<std::string, double>>{{"backbone.a", 0.25}, {"heads.a", 1}}) {
      config.backbone_rate = 0.25;
      const auto begin = torch::linspace(-1, 1, 20).view({4, 5});
      const std::vector<NamedTensor> weights{{name, begin.clone().requires_grad_(true)}};
      Optimizer optimizer(weights, config);
      weights[0].tensor.mutable_grad() = torch::linspace(1, 2, 20).view({4, 5});
      optimizer.step();
      moves.push_back((weights[0].tensor.detach() - begin) / factor);
    }
    CAPTURE(static_cast<int>(config.name));
    CHECK(torch::allclose(moves[0], moves[1], 1e-3, 1e-6));
  }
}

TEST_CASE("a parameter that begins to learn late has Adam's bias correction from there") {
  const auto weights_with_gradient = [] {
    std::vector<NamedTensor> weights{{"late", torch::ones({2, 2}).requires_grad_(true)},
                                     {"always", torch::ones({2, 2}).requires_grad_(true)}};
    return weights;
  };
  auto weights = weights_with_gradient();
  Optimizer optimizer(weights, plain_config(OptimizerKind::kAdam));
  for (int step = 0; step < 5; ++step) {
    weights[1].tensor.mutable_grad() = torch::ones({2, 2});
    optimizer.step();
  }
  CHECK(torch::equal(weights[0].tensor, torch::ones({2, 2})));
  weights[0].tensor.mutable_grad() = torch::ones({2, 2});
  optimizer.step();
  auto fresh = weights_with_gradient();
  Optimizer first_step(fresh, plain_config(OptimizerKind::kAdam));
  fresh[0].tensor.mutable_grad() = torch::ones({2, 2});
  first_step.step();
  CHECK(torch::equal(weights[0].tensor, fresh[0].tensor));
}

TEST_CASE("gradients whose norm is not finite are refused where they are to be clipped") {
  OptimizerConfig config = plain_config(OptimizerKind::kSgd);
  config.clip_norm = 1;
  const std::vector<NamedTensor> weights{{"a", torch::ones({2}).requires_grad_(true)}};
  weights[0].tensor.mutable_grad() = torch::full({2}, HUGE_VALF);
  CHECK_THROWS_WITH(Optimizer(weights, config).step(),
                    "the gradients' norm is inf in update 1; it cannot be clipped");
  CHECK(torch::equal(weights[0].tensor, torch::ones({2})));
}

TEST_CASE("an optimiser restored from its state goes on bit for bit") {
  for (const OptimizerConfig& config : all_configs()) {
    auto straight = initial_weights();
    Optimizer optimizer(straight, config);
    set_gradients(straight, 0);
    optimizer.step();
    std::vector<NamedTensor> copied;
    for (const NamedTensor& weight : straight) {
      copied.push_back({weight.name, weight.tensor.detach().clone().requires_grad_(true)});
    }
    Optimizer restored(copied, config);
    restored.load_state({{}, optimizer.state()}, "test");
    for (auto* weights : {&straight, &copied}) set_gradients(*weights, 1);
    optimizer.step();
    restored.step();
    for (std::size_t i = 0; i < copied.size(); ++i) {
      CHECK(torch::equal(copied[i].tensor, straight[i].tensor));
    }
  }
}

TEST_CASE("gradients of an update in the making are kept and restored") {
  auto weights = initial_weights();
  Optimizer optimizer(weights, config_of("adam"));
  CHECK(optimizer.gradients().empty());
  set_gradients(weights, 1);
  const auto saved = optimizer.gradients();
  auto others = initial_weights();
  Optimizer restored(others, config_of("adam"));
  restored.load_gradients({{}, saved}, "test");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CHECK(torch::equal(others[i].tensor.grad(), weights[i].tensor.grad()));
  }
  CHECK_THROWS_WITH(restored.load_gradients({}, "run"),
                    "run: the gradients of an update in the making are missing");
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
