#include "mobireg/deploy/export.h"

#include <torch/script.h>

#include <catch2/catch.hpp>
#include <set>

#include "deploy/fold.h"
#include "deploy/lively_network.h"
#include "deploy/network_executor.h"
#include "file_size_limit.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/deploy/predict_tensor.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/model/weights.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

/// A folder with the weights of a network, for one export after the other.
struct Weights {
  explicit Weights(const ModelConfig& config) : network(lively_network(config)) {
    save_weights(*network, path);
  }

  ExportResult write(const std::string& name, ExportOptions options = {},
                     const torch::Tensor& images = {}) const {
    const InputConfig& input = network->config().input;
    options.output = folder.path() / name;
    return export_network(
        path,
        images.defined() ? images : torch::empty({0, input.channels(), input.size, input.size}),
        options);
  }

  TemporaryFolder folder;
  Regressor network;
  std::filesystem::path path = folder.path() / "w.safetensors";
};

TEST_CASE("folding keeps the network's function, borders and clipped activations included") {
  const torch::NoGradGuard no_grad;
  for (const ModelConfig& config : kinds_of_models()) {
    Regressor network = lively_network(config);
    const InputConfig input = network->config().input;
    const torch::Tensor pixels = torch::rand({3, input.channels(), input.size, input.size}) * 255;
    const torch::Tensor standardized = Standardizer(input).apply(pixels);
    const torch::Tensor expected = network(standardized);
    const Network inside = fold(network, true);
    CHECK(inside.convolutions.size() == 27);
    CHECK(inside.heads.size() == network->config().heads.size());
    CHECK(torch::allclose(execute(inside, pixels), expected, 1e-4, 1e-4));
    const Network outside = fold(network, false);
    CHECK(outside.normalization.mean.empty());
    CHECK(torch::allclose(execute(outside, standardized), expected, 1e-4, 1e-4));
  }
}

TEST_CASE(
    "an exported file gives the checkpoint's numbers, in every format and with every option") {
  ExportOptions outside;
  outside.normalization_inside = false;
  ExportOptions batch;
  batch.dynamic_batch = true;
  ExportOptions convolutions;
  convolutions.dense_as_convolution = true;
  const std::vector<std::pair<std::string, ExportOptions>> exports{
      {"a.pt", {}},      {"b.pt", outside},        {"a.onnx", {}},  {"b.onnx", outside},
      {"c.onnx", batch}, {"d.onnx", convolutions}, {"a.param", {}}, {"b.param", outside}};
  for (const ModelConfig& config : kinds_of_models()) {
    const Weights weights(config);
    const InputConfig input = weights.network->config().input;
    const torch::Tensor pixels = torch::rand({5, input.channels(), input.size, input.size}) * 255;
    for (const auto& [name, options] : exports) {
      INFO(name);
      const ExportResult result = weights.write(name, options, pixels);
      CHECK(result.images == 9);  // and black, white, a frame and noise
      CHECK(result.max_difference < 0.05);
      CHECK(result.size > 500000);
      const auto path = weights.folder.path() / name;
      CHECK(read_model_card(path).normalization_inside == options.normalization_inside);
      const torch::NoGradGuard no_grad;
      const torch::Tensor expected = predict_tensor(Predictor::load(weights.path), pixels);
      CHECK(torch::allclose(predict_tensor(Predictor::load(path), pixels), expected, 1e-4, 1e-4));
    }
  }
}

TEST_CASE("a TorchScript file of LibTorch's own gives the network's numbers") {
  const torch::NoGradGuard no_grad;
  const Weights weights(kinds_of_models()[0]);
  weights.write("m.pt");
  const torch::Tensor pixels = torch::rand({2, 3, 64, 64}) * 255;
  auto module = torch::jit::load((weights.folder.path() / "m.pt").string());
  const torch::Tensor expected =
      weights.network.ptr()->forward(Standardizer(weights.network->config().input).apply(pixels));
  CHECK(torch::allclose(module.forward({pixels}).toTensor(), expected, 1e-4, 1e-4));
}

TEST_CASE("ncnn is three files, and half precision halves the weights") {
  const Weights weights(kinds_of_models()[0]);
  const ExportResult full = weights.write("full.param");
  ExportOptions options;
  options.fp16 = true;
  const ExportResult half = weights.write("half.param", options);
  CHECK(names_in(weights.folder.path()) ==
        std::set<std::string>{"w.safetensors", "full.param", "full.bin", "full.json", "half.param",
                              "half.bin", "half.json"});
  CHECK(full.files.size() == 3);
  CHECK(static_cast<double>(half.size) < 0.55 * static_cast<double>(full.size));
  CHECK(half.card.precision == Precision::kFloat16);
  CHECK(half.mean_difference < 0.05);
  CHECK(half.max_difference > full.max_difference);
}

TEST_CASE("the suffix tells the format, and may not contradict it") {
  const auto format_of = [](const char* output, std::optional<ExportFormat> format = {}) {
    ExportOptions options;
    options.output = output;
    options.format = format;
    return export_format(options);
  };
  CHECK(format_of("m.pt") == ExportFormat::kTorchScript);
  CHECK(format_of("m.onnx") == ExportFormat::kOnnx);
  CHECK(format_of("m.param") == ExportFormat::kNcnn);
  CHECK(format_of("model", ExportFormat::kOnnx) == ExportFormat::kOnnx);
  CHECK(format_of("m.pt", ExportFormat::kTorchScript) == ExportFormat::kTorchScript);
  CHECK_THROWS_WITH(format_of("m.tflite"),
                    "m.tflite: the suffix '.tflite' tells no format; .pt is TorchScript, .onnx "
                    "ONNX, .param ncnn");
  CHECK_THROWS_WITH(format_of("m.pt", ExportFormat::kOnnx),
                    "m.pt: the suffix is not the format's; .pt is TorchScript, .onnx ONNX, .param "
                    "ncnn");
  CHECK_THROWS_WITH(format_of("m.bin", ExportFormat::kNcnn),
                    "m.bin: ncnn's file must end in .param; .bin and .json are written beside it");
}

TEST_CASE("an option of another format is refused") {
  const Weights weights(kinds_of_models()[0]);
  ExportOptions options;
  options.dynamic_batch = true;
  CHECK_THROWS_WITH(weights.write("m.param", options), Catch::Contains("an option of ONNX"));
  CHECK_THROWS_WITH(weights.write("m.pt", options), Catch::Contains("TorchScript takes any batch"));
  options = {};
  options.dense_as_convolution = true;
  CHECK_THROWS_WITH(weights.write("m.pt", options),
                    "Dense layers as convolutions are an option of ONNX alone");
  options = {};
  options.fp16 = true;
  CHECK_THROWS_WITH(weights.write("m.onnx", options),
                    "half-precision weights are an option of ncnn alone");
}

TEST_CASE("what is no mean and scale is not put into a graph") {
  ModelConfig config = kinds_of_models()[0];
  config.input.samplewise_center = true;
  const Weights weights(config);
  const torch::Tensor pixels = torch::rand({2, 3, 64, 64}) * 255;
  ExportOptions outside;
  outside.normalization_inside = false;
  for (const char* name : {"m.pt", "m.onnx", "m.param"}) {
    CHECK_THROWS_WITH(weights.write(name),
                      Catch::Contains("--normalization outside leaves it to the caller"));
    const ExportResult result = weights.write(name, outside, pixels);
    CHECK(result.card.mean.empty());
    const auto path = weights.folder.path() / name;
    CHECK(torch::allclose(predict_tensor(Predictor::load(path), pixels),
                          predict_tensor(Predictor::load(weights.path), pixels), 1e-4, 1e-4));
  }
  CHECK_THROWS_WITH(fold(weights.network, true),
                    "the network's input is standardised by more than a mean and a scale");
}

TEST_CASE("existing files are not replaced unasked") {
  const Weights weights(kinds_of_models()[0]);
  for (const char* taken : {"m.pt", "m.onnx", "m.param", "m.bin", "m.json"}) {
    const auto path = weights.folder.path() / taken;
    write_file_atomically(path, "mine");
    const std::string output = path.extension() == ".bin" || path.extension() == ".json"
                                   ? std::string("m.param")
                                   : std::string(taken);
    CHECK_THROWS_WITH(weights.write(output),
                      path.string() + ": the file exists; --overwrite replaces it");
    CHECK(read_file(path) == "mine");
    ExportOptions options;
    options.overwrite = true;
    weights.write(output, options);
    CHECK_NOTHROW(read_model_card(weights.folder.path() / output));
    std::filesystem::remove(weights.folder.path() / "m.param");
    std::filesystem::remove(weights.folder.path() / "m.bin");
    std::filesystem::remove(weights.folder.path() / "m.json");
  }
}

TEST_CASE("weights that are not finite are not exported, and no file is left") {
  const Weights weights(kinds_of_models()[0]);
  weights.network->named_parameters()["heads.yaw.output.bias"].data().fill_(
      std::numeric_limits<float>::quiet_NaN());
  save_weights(*weights.network, weights.path);
  for (const char* name : {"m.pt", "m.onnx", "m.param"}) {
    CHECK_THROWS_WITH(weights.write(name),
                      "layer yaw_output has weights that are not finite; no file was written");
    CHECK(names_in(weights.folder.path()) == std::set<std::string>{"w.safetensors"});
  }
}

TEST_CASE("a file whose outputs are off is not kept") {
  const Weights weights(kinds_of_models()[0]);
  // Finite, but sums of them are not.
  weights.network->named_parameters()["heads.yaw.output.weight"].data().fill_(3e38F);
  save_weights(*weights.network, weights.path);
  for (const char* name : {"m.pt", "m.onnx", "m.param"}) {
    CHECK_THROWS_WITH(weights.write(name), Catch::Contains("no file was kept"));
    CHECK(names_in(weights.folder.path()) == std::set<std::string>{"w.safetensors"});
  }
}

TEST_CASE("a file that cannot be written leaves nothing") {
  const Weights weights(kinds_of_models()[0]);
  CHECK_THROWS_WITH(weights.write("missing/m.onnx"), Catch::Contains("missing"));
  std::filesystem::create_directory(weights.folder.path() / "m.bin");
  CHECK_THROWS_WITH(weights.write("m.param"),
                    (weights.folder.path() / "m.bin").string() + ": it is a folder");
  CHECK(names_in(weights.folder.path()) == std::set<std::string>{"w.safetensors", "m.bin"});
}

TEST_CASE("a full disk leaves the files that were there, and nothing else") {
  const Weights weights(kinds_of_models()[0]);
  for (const char* name : {"m.pt", "m.onnx", "m.param"}) {
    const auto path = weights.folder.path() / name;
    write_file_atomically(path, "mine");
    ExportOptions options;
    options.overwrite = true;
    const FileSizeLimit full(100000);
    CHECK_THROWS_WITH(weights.write(name, options),
                      Catch::StartsWith("cannot write '") && Catch::EndsWith(": File too large"));
    CHECK(read_file(path) == "mine");
    std::filesystem::remove(path);
    CHECK(names_in(weights.folder.path()) == std::set<std::string>{"w.safetensors"});
  }
}

TEST_CASE("TorchScript files that are damaged or of another kind are refused in one line") {
  const Weights weights(kinds_of_models()[0]);
  weights.write("m.pt");
  const auto bad = weights.folder.path() / "bad";
  const std::string archive = read_file(weights.folder.path() / "m.pt");
  write_file_atomically(bad, archive.substr(0, archive.size() / 2));
  CHECK_THROWS_WITH(read_model_card(bad), bad.string() +
                                              ": not a usable TorchScript file; it is damaged "
                                              "or of another kind");
  write_safetensors(bad, {{}, {{"w", torch::zeros({1})}}});
  CHECK_THROWS_WITH(read_model_card(bad), bad.string() +
                                              ": it does not say which network it is of; a "
                                              "checkpoint of mobireg is needed");
  torch::jit::Module foreign("Foreign");
  foreign.define("def forward(self, x):\n  return x\n");
  foreign.save(bad.string());
  CHECK_THROWS_WITH(read_model_card(bad), bad.string() +
                                              ": it has no model card; mobireg reads the "
                                              "files mobireg-export writes");
}

}  // namespace
}  // namespace mobireg
