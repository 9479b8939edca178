// Networks whose raw columns are not their outputs, written and read again.

#include "deploy/written_heads.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "deploy/fold.h"
#include "deploy/network_executor.h"
#include "deploy/onnx_writer.h"
#include "deploy/torchscript_writer.h"
#include "mixed_model.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/deploy/predict_tensor.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/model/head_outputs.h"
#include "mobireg/model/weights.h"
#include "model/rotation_tensors.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

torch::Tensor patterns(std::int64_t count) {
  torch::manual_seed(4);
  return torch::rand({count, 3, 4, 4}).repeat_interleave(8, 2).repeat_interleave(8, 3) * 255;
}

struct Weights {
  TemporaryFolder folder;
  Regressor network{mixed_model(Unit::kDegrees), 5};
  std::filesystem::path path = folder.path() / "w.safetensors";
  /// Coarse patterns, which a network tells apart.
  torch::Tensor pixels = patterns(64);

  Weights() {
    tell_apart();
    save_weights(*network, path);
  }

  /// Running statistics are those of `pixels`, so that the outputs vary with the image.
  void tell_apart() {
    const torch::NoGradGuard no_grad;
    for (const auto& module : network->modules()) {
      if (auto* bn = module->as<torch::nn::BatchNorm2d>()) bn->options.momentum(1.0);
    }
    network->use_fused_kernels(false);
    network->train();
    raw();
    network->eval();
  }

  ExportResult write(const std::string& name, ExportOptions options = {}) const {
    options.output = folder.path() / name;
    options.overwrite = true;
    return export_network(path, pixels, options);
  }

  torch::Tensor raw() const {
    const torch::NoGradGuard no_grad;
    return network.ptr()->forward(Standardizer(network->config().input).apply(pixels));
  }
};

ExportOptions as_angles() {
  ExportOptions options;
  options.angles = true;
  return options;
}

ExportOptions without_uncertainty() {
  ExportOptions options;
  options.uncertainty = false;
  return options;
}

TEST_CASE("rotations and uncertain outputs are predicted alike from every kind of file") {
  const Weights weights;
  ExportOptions convolutions = as_angles();
  convolutions.dense_as_convolution = true;
  ExportOptions batch = as_angles();
  batch.dynamic_batch = true;
  const std::vector<std::pair<std::string, ExportOptions>> files{{"a.pt", {}},
                                                                 {"b.pt", as_angles()},
                                                                 {"a.onnx", {}},
                                                                 {"b.onnx", as_angles()},
                                                                 {"c.onnx", convolutions},
                                                                 {"d.onnx", batch},
                                                                 {"a.param", {}}};
  const torch::Tensor outputs = decode_outputs(weights.raw(), mixed_model(Unit::kDegrees));
  const torch::Tensor sigmas =
      (0.5 * decode_log_variances(weights.raw(), mixed_model(Unit::kDegrees))).exp();
  CHECK((outputs.std(0) > 1e-3).all().item<bool>());
  const auto check = [&](const std::filesystem::path& path) {
    CAPTURE(path.filename().string());
    torch::Tensor deviations;
    const torch::Tensor found = predict_tensor(Predictor::load(path), weights.pixels, deviations);
    CHECK(torch::allclose(found, outputs, 1e-4, 5e-3));  // degrees
    CHECK(torch::allclose(deviations, sigmas, 1e-4, 1e-5, /*equal_nan=*/true));
  };
  check(weights.path);
  for (const auto& [name, options] : files) {
    const ExportResult result = weights.write(name, options);
    CHECK(result.images == 68);
    CHECK(result.max_difference < 0.01);
    check(weights.folder.path() / name);
  }
}

TEST_CASE("without uncertainty a file has the outputs alone") {
  const Weights weights;
  for (const char* name : {"m.pt", "m.onnx", "m.param"}) {
    CAPTURE(name);
    const ExportResult result = weights.write(name, without_uncertainty());
    CHECK_FALSE(has_uncertainty(result.card.model));
    CHECK(raw_column_count(result.card.model) == 9);
    const Predictor predictor = Predictor::load(weights.folder.path() / name);
    CHECK_FALSE(predictor.gives_sigmas());
    CHECK(torch::allclose(predict_tensor(predictor, weights.pixels),
                          decode_outputs(weights.raw(), mixed_model(Unit::kDegrees)), 1e-4, 5e-3));
  }
  ExportOptions plain = as_angles();
  plain.uncertainty = false;
  CHECK(gives_outputs(weights.write("plain.onnx", plain).card.model));
}

TEST_CASE("half precision is allowed half a tenth of a degree of a rotation") {
  const Weights weights;
  for (auto& named : weights.network->named_parameters()) {  // a trained network is calmer
    if (named.key().find("output.weight") != std::string::npos) named.value().data().mul_(0.01);
  }
  save_weights(*weights.network, weights.path);
  ExportOptions options;
  options.fp16 = true;
  const ExportResult result = weights.write("half.param", options);
  CHECK(result.max_difference > 1e-4);
  CHECK(result.mean_difference < 0.05);
}

TEST_CASE("angles are refused where a graph cannot have them") {
  const Weights weights;
  CHECK_THROWS_WITH(weights.write("m.param", as_angles()),
                    "rotations as angles are an option of ONNX and TorchScript in 32-bit floats");
  ExportOptions int8 = as_angles();
  int8.int8 = Int8Export();
  CHECK_THROWS_WITH(weights.write("m.onnx", int8),
                    "rotations as angles are an option of ONNX and TorchScript in 32-bit floats");
}

TEST_CASE("int8 keeps the raw columns in float, and is judged on decoded outputs") {
  const Weights weights;
  for (const char* name : {"m.onnx", "m.param"}) {
    ExportOptions options;
    options.int8 = Int8Export();
    options.int8->calibration = torch::rand({20, 3, 32, 32}) * 255;
    options.int8->force = true;
    options.int8->judge = [&](const PixelsToOutputs& network) {
      const torch::Tensor outputs = network(weights.pixels);
      CHECK(outputs.sizes() == at::IntArrayRef({64, 6}));
      return HeldOutErrors{"test", 6, "", 1.0, std::vector<double>(6, 1.0)};
    };
    const ExportResult result = weights.write(name, options);
    CHECK(result.card.precision == Precision::kInt8);
    torch::Tensor sigmas;
    predict_tensor(Predictor::load(weights.folder.path() / name), weights.pixels, sigmas);
    CHECK(sigmas.size(1) == 6);
  }
}

TEST_CASE("the card names the raw columns and tells how to decode them") {
  const Weights weights;
  const auto raw = nlohmann::json::parse(weights.write("m.onnx").card.to_json())["raw_outputs"];
  CHECK(raw["names"] == nlohmann::json(raw_column_names(mixed_model(Unit::kDegrees))));
  CHECK(raw["parts"] == nlohmann::json::parse(R"([
      {"form": "rotation", "columns": [0, 1, 2, 3, 4, 5], "outputs": ["yaw", "pitch", "roll"]},
      {"form": "values", "columns": [6, 7], "outputs": ["x0", "y0"]},
      {"form": "log_variance", "columns": [8, 9], "outputs": ["x0", "y0"]},
      {"form": "values", "columns": [10], "outputs": ["age"]}])"));
  CHECK(raw["decode"].size() == 2);
  const ModelCard angles = weights.write("m.onnx", as_angles()).card;
  CHECK(angles.model.heads[0].form == HeadForm::kValues);
  CHECK(angles.summary().find("raw_outputs") != std::string::npos);
  ModelCard plain;
  plain.model = resolve_config(ModelConfig{});
  CHECK(plain.to_json().find("raw_outputs") == std::string::npos);
  CHECK(plain.summary().find("raw_outputs") == std::string::npos);
}

TEST_CASE("a prediction knows the standard deviations that there are") {
  const Weights weights;
  weights.write("m.onnx");
  const cv::Mat image(40, 30, CV_8UC3, cv::Scalar(90, 140, 20));
  const Prediction prediction = Predictor::load(weights.folder.path() / "m.onnx").predict(image);
  CHECK(prediction.sigma("x0") > 0);
  CHECK(prediction.sigmas.size() == 6);
  CHECK_THROWS_WITH(prediction.sigma("yaw"), "the network gives no uncertainty of 'yaw'");
  CHECK_THROWS_WITH(prediction.sigma("x1"), "the network has no output 'x1'; did you mean 'x0'?");
  weights.write("m.onnx", without_uncertainty());
  CHECK_THROWS_WITH(Predictor::load(weights.folder.path() / "m.onnx").predict(image).sigma("x0"),
                    "the network gives no uncertainty of 'x0'");
}

/// A network whose rotation head gives these six numbers for every image.
Network constant_network(const std::vector<float>& columns) {
  const torch::NoGradGuard no_grad;
  ModelConfig model = mixed_model(Unit::kDegrees);
  model.outputs.resize(3);
  model.heads.resize(1);
  Regressor network(model);
  const auto parameters = network->named_parameters();
  parameters["heads.pose.output.weight"].data().zero_();
  parameters["heads.pose.output.bias"].data().copy_(torch::tensor(columns));
  network->eval();
  return fold(network, true);
}

TEST_CASE("graphs that end in angles give them for heads turned any way") {
  const TemporaryFolder folder;
  ModelConfig model = mixed_model(Unit::kDegrees);
  model.outputs.resize(3);
  model.heads.resize(1);
  const HeadAngles angles = head_angles(model);
  ModelCard card;
  card.model = written_model(model, as_angles());
  const std::vector<std::array<double, 3>> poses{
      {0, 0, 0},    {20, -30, 10},   {-40, 99, 12},  {35, -99, -20}, {5, 91, 3},
      {170, 10, 5}, {-170, -60, 80}, {10, 60, 175},  {-5, 20, -179}, {89, 89, 89},
      {0, 45, 0},   {-120, 0, 30},   {30, 89.5, -45}};
  for (const auto& [pitch, yaw, roll] : poses) {
    CAPTURE(pitch, yaw, roll);
    const torch::Tensor matrix =
        matrices_from_angles(torch::tensor({{pitch, yaw, roll}}, torch::kDouble) * M_PI / 180)[0];
    const torch::Tensor a = matrix.select(1, 0) * 1.7;
    const torch::Tensor six =
        torch::cat({a, matrix.select(1, 1) * 0.6 + 0.4 * a}).to(torch::kFloat);
    const Network network = constant_network({six.data_ptr<float>(), six.data_ptr<float>() + 6});
    const torch::Tensor pixels = torch::zeros({1, 3, 32, 32});
    const torch::Tensor expected = decode_outputs(execute(network, pixels), model);
    // Near a yaw of 90 degrees the other angles hang on the last bits.
    const double close = std::abs(std::abs(yaw) - 90) < 2 ? 0.05 : 2e-3;
    const torch::Tensor scripted = to_torchscript(network, angles).forward({pixels}).toTensor();
    CHECK(torch::allclose(scripted, expected, 0, close));
    for (const bool convolutions : {false, true}) {
      const auto path = folder.path() / "m.onnx";
      write_file_atomically(path, to_onnx(network, card, {false, convolutions, angles}));
      CHECK(torch::allclose(predict_tensor(Predictor::load(path), pixels), expected, 0, close));
    }
  }
}

}  // namespace
}  // namespace mobireg
