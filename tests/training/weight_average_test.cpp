// The moving average of weights against TensorFlow's (scripts/reference/keras_optimizers.py).

#include "mobireg/training/weight_average.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "hashed_tensors.h"
#include "mobireg/core/error.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/optimizer.h"

namespace mobireg {
namespace {

ModelConfig small_model() {
  ModelConfig model;
  model.alpha = 0.25;
  model.input.size = 32;
  return model;
}

std::vector<NamedTensor> parameters_of(const Regressor& network) {
  std::vector<NamedTensor> parameters;
  for (const auto& item : network->named_parameters()) {
    parameters.push_back({item.key(), item.value()});
  }
  return parameters;
}

TEST_CASE("the average is TensorFlow's ExponentialMovingAverage with num_updates") {
  const nlohmann::json fixture = read_fixture("keras_optimizers.json")["moving_average"];
  const auto shape = fixture["shape"].get<std::vector<std::int64_t>>();
  const double decay = fixture["decay"];
  const Regressor network(small_model());
  WeightAverage average(network, decay);
  // Both a parameter, which the optimiser averages, and a running statistic.
  const std::vector<NamedTensor> weights{
      {"w", hashed_tensor("optimizers.matrix", shape, 0, 1).requires_grad_(true)}};
  const at::Tensor averaged = weights[0].tensor.detach().clone();
  OptimizerConfig sgd;
  sgd.name = OptimizerKind::kSgd;
  sgd.learning_rate = 1.0;
  Optimizer optimizer(weights, sgd);
  optimizer.set_averages({averaged});
  const std::string statistic = "backbone.conv_pw_13_bn.running_mean";
  at::Tensor source = network->named_buffers()[statistic];
  source.slice(0, 0, 12).copy_(weights[0].tensor.detach().view({-1}));
  average.reset();
  for (std::size_t t = 0; t < fixture["averages"].size(); ++t) {
    CAPTURE(t);
    const auto move = hashed_tensor("optimizers.matrix.move." + std::to_string(t + 1), shape, 0, 1);
    weights[0].tensor.mutable_grad() = -move;
    source.slice(0, 0, 12).add_(move.view({-1}));
    UpdateOptions options;
    options.average_share = average.advance();
    optimizer.step(options);
    const auto expected =
        torch::tensor(fixture["averages"][t].get<std::vector<float>>()).view(shape);
    CHECK((averaged - expected).abs().max().item<double>() < 1e-6);
    const auto statistics = average.network()->named_buffers()[statistic].slice(0, 0, 12);
    CHECK((statistics.view(shape) - expected).abs().max().item<double>() < 1e-6);
  }
}

TEST_CASE("the averaged network is in evaluation mode, without gradients, and apart") {
  Regressor network(small_model());
  WeightAverage average(network, 0.9);
  Regressor averaged = average.network();
  CHECK_FALSE(averaged->is_training());
  const auto images = torch::rand({2, 3, 32, 32});
  network->eval();
  CHECK_FALSE(averaged->forward(images).requires_grad());
  CHECK(torch::equal(averaged->forward(images), network->forward(images)));
  Optimizer optimizer(parameters_of(network), [] {
    OptimizerConfig adam;
    adam.learning_rate = 0.01;
    return adam;
  }());
  optimizer.set_averages(average.parameters());
  network->train();
  network->forward(images).square().mean().backward();
  UpdateOptions options;
  options.average_share = average.advance();
  optimizer.step(options);
  network->eval();
  CHECK_FALSE(torch::equal(averaged->forward(images), network->forward(images)));
  // Between the old weights and the new ones.
  const char* name = "heads.yaw.output.weight";
  const auto old = Regressor(small_model())->named_parameters()[name].detach();
  const auto now = network->named_parameters()[name].detach();
  const auto expected = old + static_cast<float>(options.average_share) * (now - old);
  CHECK(torch::allclose(averaged->named_parameters()[name], expected, 1e-6, 1e-7));
  average.reset();
  CHECK(torch::equal(averaged->forward(images), network->forward(images)));
}

TEST_CASE("an average goes on from its state, and refuses one without its count") {
  const Regressor network(small_model());
  WeightAverage average(network, 0.999);
  for (int i = 0; i < 5; ++i) average.advance();
  std::vector<NamedTensor> state = average.state();
  for (NamedTensor& named : named_weights(*average.network())) state.push_back(named);
  WeightAverage restored(network, 0.999);
  restored.load_state({{}, state}, "test");
  CHECK(restored.advance() == average.advance());
  CHECK(restored.advance() == Approx(1 - 8.0 / 17));
  state.erase(state.begin());
  CHECK_THROWS_WITH(restored.load_state({{}, state}, "run"),
                    "run: the tensor average.updates is missing or of another shape");
}

}  // namespace
}  // namespace mobireg
