// The network against real tf.keras 2.15.1 (scripts/reference/keras_parity.py).

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "hashed_tensors.h"
#include "mobireg/config/run_config.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/losses.h"

namespace mobireg {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-4;

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

torch::Tensor formula_tensor(const std::string& name, const std::vector<std::int64_t>& shape) {
  const bool bn = name.find("_bn.") != std::string::npos;
  if (name.rfind("images.", 0) == 0) return hashed_tensor(name, shape, 0, 1.5);
  if (name == "targets") return hashed_tensor(name, shape, 0, 1);
  if (bn && ends_with(name, ".weight")) return hashed_tensor(name, shape, 1, 0.2);
  if (bn && ends_with(name, ".bias")) return hashed_tensor(name, shape, 2.3, 0.4);
  if (ends_with(name, ".running_mean")) return hashed_tensor(name, shape, 0, 0.3);
  if (ends_with(name, ".running_var")) return hashed_tensor(name, shape, 1, 0.25);
  if (ends_with(name, ".bias")) return hashed_tensor(name, shape, 0, 0.1);
  double fan_in = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
  const bool head = name.rfind("heads.", 0) == 0;
  return hashed_tensor(name, shape, 0, std::sqrt((head ? 3 : 12) / fan_in));
}

const json& fixture() {
  static const json parsed = read_fixture("keras_parity.json");
  return parsed;
}

ModelConfig config_of(const json& test_case) {
  ModelConfig config;
  config.alpha = test_case["alpha"];
  config.input.size = test_case["size"];
  for (const OutputConfig& output : config.outputs) {
    config.heads.push_back({output.name, {output.name}, 128, 0.0});
  }
  return config;
}

Regressor network_of(const json& test_case) {
  const torch::NoGradGuard no_grad;
  Regressor network(config_of(test_case));
  for (NamedTensor& named : named_weights(*network)) {
    named.tensor.detach().copy_(formula_tensor(named.name, named.tensor.sizes().vec()));
  }
  return network;
}

torch::Tensor images_of(const json& test_case) {
  const std::int64_t size = test_case["size"];
  return formula_tensor(test_case["images"], {4, 3, size, size})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

/// The largest |a - b| / max(1, |b|).
double output_difference(const torch::Tensor& outputs, const json& expected) {
  double worst = 0;
  for (std::int64_t i = 0; i < outputs.size(0); ++i) {
    for (std::int64_t k = 0; k < outputs.size(1); ++k) {
      const double wanted = expected[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
      const double got = outputs[i][k].item<double>();
      worst = std::max(worst, std::abs(got - wanted) / std::max(1.0, std::abs(wanted)));
    }
  }
  return worst;
}

/// The largest difference of the norm and the samples, relative to the norm.
double tensor_difference(const std::string& name, const torch::Tensor& tensor,
                         const json& expected) {
  const torch::Tensor values = tensor.detach().contiguous().to(torch::kDouble).flatten();
  const double norm = expected["norm"];
  double worst = std::abs(values.norm().item<double>() - norm) / norm;
  for (std::size_t k = 0; k < expected["samples"].size(); ++k) {
    const auto index = static_cast<std::int64_t>(hashed_bits(name + ".samples", k) %
                                                 static_cast<std::uint64_t>(values.numel()));
    const double wanted = expected["samples"][k];
    worst = std::max(worst, std::abs(values[index].item<double>() - wanted) / norm);
  }
  return worst;
}

TEST_CASE("both languages compute the same tensors by formula") {
  for (const auto& item : fixture()["formula"].items()) {
    CAPTURE(item.key());
    const auto shape = item.value()["shape"].get<std::vector<std::int64_t>>();
    const torch::Tensor values = formula_tensor(item.key(), shape).flatten();
    for (std::size_t i = 0; i < item.value()["first"].size(); ++i) {
      // The fixture's 9 digits name a float exactly.
      CHECK(values[static_cast<std::int64_t>(i)].item<float>() ==
            item.value()["first"][i].get<float>());
    }
  }
}

TEST_CASE("outputs in evaluation mode agree with Keras") {
  for (const json& test_case : fixture()["cases"]) {
    CAPTURE(test_case["alpha"].get<double>(), test_case["size"].get<int>());
    const torch::NoGradGuard no_grad;
    Regressor network = network_of(test_case);
    network->eval();
    CHECK(output_difference(network(images_of(test_case)), test_case["eval"]["outputs"]) <
          kTolerance);
  }
}

TEST_CASE("one training step agrees with Keras: outputs, loss, gradients, running statistics") {
  for (const json& test_case : fixture()["cases"]) {
    CAPTURE(test_case["alpha"].get<double>(), test_case["size"].get<int>());
    const json& expected = test_case["train"];
    Regressor network = network_of(test_case);
    network->train();
    const torch::Tensor outputs = network(images_of(test_case));
    const RegressionLoss loss_function({}, network->config());
    Batch batch;
    batch.targets = formula_tensor("targets", {4, 3});
    const torch::Tensor loss = loss_function(outputs, batch);
    loss.backward();
    CHECK(output_difference(outputs, expected["outputs"]) < kTolerance);
    CHECK(loss.item<double>() == Approx(expected["loss"].get<double>()).epsilon(kTolerance));
    const auto parameters = network->named_parameters();
    REQUIRE(parameters.size() == expected["gradients"].size());
    for (const auto& item : expected["gradients"].items()) {
      CAPTURE(item.key());
      CHECK(tensor_difference(item.key(), parameters[item.key()].grad(), item.value()) <
            kTolerance);
    }
    const auto buffers = network->named_buffers();
    for (const auto& item : expected["running"].items()) {
      CAPTURE(item.key());
      CHECK(tensor_difference(item.key(), buffers[item.key()], item.value()) < kTolerance);
    }
  }
}

// Hidden: run by python/convert_test.sh, which makes the files with real tf.keras.
TEST_CASE("weights converted from Keras give Keras's outputs", "[.converted]") {
  const char* folder = std::getenv("MOBIREG_CONVERTED");
  REQUIRE(folder != nullptr);
  std::ifstream stream(std::string(folder) + "/expected.json");
  const json expected = json::parse(stream);
  const torch::NoGradGuard no_grad;
  Regressor network(config_of(expected));
  initialize_from(*network, std::string(folder) + "/converted.safetensors");
  network->eval();
  CHECK(output_difference(network(images_of(expected)), expected["outputs"]) < kTolerance);
}

TEST_CASE("initialisers have Keras's limits") {
  const json kernels = read_fixture("keras_initializers.json")["kernels"];
  REQUIRE(!kernels.empty());
  for (const json& kernel : kernels) {
    CAPTURE(kernel.dump());
    const auto shape = kernel["torch_shape"].get<std::vector<std::int64_t>>();
    const std::int64_t groups =
        kernel["kind"] == "depthwise" ? kernel["keras_shape"][2].get<std::int64_t>() : 1;
    CHECK(glorot_limit(shape, groups) == Approx(kernel["limit"].get<double>()).epsilon(1e-12));
  }
}

}  // namespace
}  // namespace mobireg
