#include "mobireg/deploy/export.h"

#include <torch/script.h>

#include <catch2/catch.hpp>

#include "deploy/folded_network.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/deploy/predictor.h"
#include "mobireg/model/weights.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

/// Weights whose batch normalisation does something: trained statistics, scales and shifts.
Regressor lively_network(const ModelConfig& config) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  Regressor network(config);
  for (NamedTensor& named : named_weights(*network)) {
    torch::Tensor tensor = named.tensor.detach();
    const bool bn = named.name.find("_bn.") != std::string::npos;
    if (named.name.find("running_var") != std::string::npos) tensor.uniform_(0.2, 2);
    if (named.name.find("running_mean") != std::string::npos) tensor.normal_(0, 0.3);
    if (bn && named.name.find("weight") != std::string::npos) tensor.uniform_(0.5, 2);
    if (bn && named.name.find("bias") != std::string::npos) tensor.normal_(0.5, 0.5);
  }
  network->eval();
  return network;
}

std::vector<ModelConfig> kinds_of_models() {
  ModelConfig per_output;
  per_output.alpha = 0.25;
  ModelConfig grey = per_output;
  grey.input.size = 96;
  grey.input.color_mode = ColorMode::kGrayscale;
  grey.input.mean = {100};
  grey.input.scale = {50};
  grey.input.rescale = 2;
  grey.depth_multiplier = 2;
  ModelConfig joint = per_output;
  joint.outputs = {{"x{0..67}", Unit::kImage}, {"y{0..67}", Unit::kImage}};
  joint.heads = {{"landmarks", {"x{0..67}", "y{0..67}"}, 0}};
  joint.input.mean = {120, 110, 100};
  joint.input.scale = {60, 58, 56};
  return {per_output, grey, joint};
}

TEST_CASE("the exported file gives the checkpoint's numbers, normalisation inside or outside") {
  for (const ModelConfig& config : kinds_of_models()) {
    for (const bool inside : {true, false}) {
      const TemporaryFolder folder;
      const auto weights = folder.path() / "w.safetensors";
      Regressor network = lively_network(config);
      save_weights(*network, weights);
      const InputConfig input = network->config().input;
      const torch::Tensor pixels = torch::rand({5, input.channels(), input.size, input.size}) * 255;
      const ExportResult result =
          export_torchscript(weights, pixels, {folder.path() / "model.pt", inside});
      CHECK(result.images == 8);  // and black, white and noise
      CHECK(result.max_difference < 0.05);

      const torch::NoGradGuard no_grad;
      auto module = torch::jit::load((folder.path() / "model.pt").string());
      const torch::Tensor standardized = Standardizer(input).apply(pixels);
      const torch::Tensor fed = inside ? pixels : standardized;
      const torch::Tensor expected = network(standardized);
      CHECK(torch::allclose(module.forward({fed}).toTensor(), expected, 1e-4, 1e-4));
      const Predictor from_file = Predictor::load(folder.path() / "model.pt");
      const Predictor from_weights = Predictor::load(weights);
      CHECK(torch::allclose(from_file.predict(pixels), expected, 1e-4, 1e-4));
      CHECK(torch::allclose(from_weights.predict(pixels), expected, 1e-5, 1e-5));
      CHECK(from_file.card().normalization_inside == inside);
    }
  }
}

TEST_CASE("the card tells what the file alone must tell") {
  const TemporaryFolder folder;
  ModelConfig config = kinds_of_models()[2];
  config.convention = "300-W";
  save_weights(*lively_network(config), folder.path() / "w.safetensors");
  export_torchscript(folder.path() / "w.safetensors", torch::empty({0, 3, 64, 64}),
                     {folder.path() / "m.pt"});
  const ModelCard card = Predictor::load(folder.path() / "m.pt").card();
  CHECK(card.model.outputs.size() == 136);
  CHECK(card.model.outputs[68].name == "y0");
  CHECK(card.model.outputs[68].unit == Unit::kImage);
  CHECK(card.model.convention == "300-W");
  CHECK(card.model.input.mean == std::vector<double>{120, 110, 100});
  CHECK(card.checkpoint_sha256.size() == 64);
  CHECK(card.to_json().find("\"channel_order\": \"RGB\"") != std::string::npos);
}

TEST_CASE("folding keeps the network's function where activations are clipped at 6") {
  Regressor network = lively_network(kinds_of_models()[0]);
  const FoldedNetwork folded = fold(network);
  CHECK(folded.convolutions.size() == 27);
  CHECK(folded.heads.size() == 3);
  CHECK(folded.pool_size == 2);
}

TEST_CASE("what is no mean and scale is not put into a graph") {
  const TemporaryFolder folder;
  const auto weights = folder.path() / "w.safetensors";
  ModelConfig config = kinds_of_models()[0];
  config.input.samplewise_center = true;
  save_weights(*lively_network(config), weights);
  const torch::Tensor pixels = torch::rand({2, 3, 64, 64}) * 255;
  CHECK_THROWS_WITH(export_torchscript(weights, pixels, {folder.path() / "m.pt"}),
                    Catch::Contains("--normalization outside leaves it to the caller"));
  export_torchscript(weights, pixels, {folder.path() / "m.pt", false});
  CHECK(torch::allclose(Predictor::load(folder.path() / "m.pt").predict(pixels),
                        Predictor::load(weights).predict(pixels), 1e-4, 1e-4));
}

TEST_CASE("an existing file is not replaced unasked") {
  const TemporaryFolder folder;
  save_weights(*lively_network(kinds_of_models()[0]), folder.path() / "w.safetensors");
  const auto output = folder.path() / "m.pt";
  write_file_atomically(output, "mine");
  const torch::Tensor none = torch::empty({0, 3, 64, 64});
  CHECK_THROWS_WITH(export_torchscript(folder.path() / "w.safetensors", none, {output}),
                    output.string() + ": the file exists; --overwrite replaces it");
  CHECK(read_file(output) == "mine");
  export_torchscript(folder.path() / "w.safetensors", none, {output, true, true});
  CHECK_NOTHROW(Predictor::load(output));
}

TEST_CASE("weights that are not finite are not exported, and no file is left") {
  const TemporaryFolder folder;
  Regressor network = lively_network(kinds_of_models()[0]);
  network->named_parameters()["heads.yaw.output.bias"].data().fill_(
      std::numeric_limits<float>::quiet_NaN());
  save_weights(*network, folder.path() / "w.safetensors");
  CHECK_THROWS_WITH(export_torchscript(folder.path() / "w.safetensors",
                                       torch::empty({0, 3, 64, 64}), {folder.path() / "m.pt"}),
                    Catch::Contains("no file was kept"));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  CHECK(files == 1);
}

TEST_CASE("files that are damaged or of another kind are refused in one line") {
  const TemporaryFolder folder;
  const auto weights = folder.path() / "w.safetensors";
  save_weights(*lively_network(kinds_of_models()[0]), weights);
  export_torchscript(weights, torch::empty({0, 3, 64, 64}), {folder.path() / "m.pt"});
  const auto bad = folder.path() / "bad";
  const std::string archive = read_file(folder.path() / "m.pt");
  write_file_atomically(bad, archive.substr(0, archive.size() / 2));
  CHECK_THROWS_WITH(Predictor::load(bad), bad.string() +
                                              ": not a usable TorchScript file; it is damaged "
                                              "or of another kind");
  write_file_atomically(bad, "x");
  CHECK_THROWS_WITH(Predictor::load(bad), bad.string() + ": cannot be read");
  write_safetensors(bad, {{}, {{"w", torch::zeros({1})}}});
  CHECK_THROWS_WITH(Predictor::load(bad), bad.string() +
                                              ": it does not say which network it is of; a "
                                              "checkpoint of mobireg is needed");
  torch::jit::Module foreign("Foreign");
  foreign.define("def forward(self, x):\n  return x\n");
  foreign.save(bad.string());
  CHECK_THROWS_WITH(Predictor::load(bad), bad.string() +
                                              ": it has no model card; mobireg reads the "
                                              "files mobireg-export writes");
}

}  // namespace
}  // namespace mobireg
