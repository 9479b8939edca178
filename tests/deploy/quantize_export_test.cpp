// Exports in int8: what they cost, and when they are refused.

#include <torch/types.h>

#include <catch2/catch.hpp>

#include "deploy/lively_network.h"
#include "deploy/trained_network.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/deploy/export.h"
#include "mobireg/deploy/predict_tensor.h"
#include "mobireg/model/weights.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

struct Exporter {
  Exporter() : network(lively_network(kinds_of_models()[0])) {
    save_weights(*network, path);
    torch::manual_seed(5);
    pixels = torch::rand({24, 3, 64, 64}) * 255;
    options.int8 = Int8Export{};
    options.int8->calibration = pixels;
    options.int8->judge = [this](const PixelsToOutputs& judged) {
      // Labels a degree off the network's outputs: what int8 changes is a part of the error.
      const torch::NoGradGuard no_grad;
      const Predictor predictor = Predictor::load(path);
      const at::Tensor labels = predict_tensor(predictor, pixels) + 1;
      const at::Tensor errors = (judged(pixels) - labels).abs().mean(0).to(torch::kDouble);
      HeldOutErrors found{"made", 24, "deg", errors.mean().item<double>(), {}};
      for (int k = 0; k < 3; ++k) found.maes.push_back(errors[k].item<double>());
      return found;
    };
    options.int8->max_loss = 50;
  }

  ExportResult write(const std::string& name) {
    options.output = folder.path() / name;
    return export_network(path, pixels.slice(0, 0, 2), options);
  }

  bool has(const std::string& name) const { return std::filesystem::exists(folder.path() / name); }

  TemporaryFolder folder;
  Regressor network;
  std::filesystem::path path = folder.path() / "w.safetensors";
  at::Tensor pixels;
  ExportOptions options;
};

TEST_CASE("an int8 file is a quarter of the float file, and its card has its errors") {
  Exporter exporter;
  for (const char* name : {"m.onnx", "m.param"}) {
    const ExportResult result = exporter.write(name);
    REQUIRE(result.int8);
    CHECK(3 * result.size < result.int8->float_size);
    CHECK(result.int8->layers.size() == 33);
    CHECK(result.int8->float_errors.mae == Approx(1).epsilon(1e-3));
    CHECK(result.int8->int8_errors.mae != result.int8->float_errors.mae);
    const ModelCard card = read_model_card(exporter.folder.path() / name);
    CHECK(card.precision == Precision::kInt8);
    REQUIRE(card.held_out);
    CHECK(card.held_out->mae == Approx(result.int8->int8_errors.mae));
    CHECK(result.int8->float_seconds > 0);
    CHECK(result.int8->int8_seconds > 0);
    CHECK_THAT(result.int8->to_string(card.model),
               Catch::Contains("overall") && Catch::Contains("ms, in int8"));
  }
}

TEST_CASE("an int8 ONNX file gives near the checkpoint's outputs, its normalisation outside too") {
  Exporter exporter;
  const torch::NoGradGuard no_grad;
  const at::Tensor expected = predict_tensor(Predictor::load(exporter.path), exporter.pixels);
  for (const bool inside : {true, false}) {
    exporter.options.normalization_inside = inside;
    exporter.options.overwrite = true;
    exporter.write("m.onnx");
    const Predictor predictor = Predictor::load(exporter.folder.path() / "m.onnx");
    const at::Tensor found = predict_tensor(predictor, exporter.pixels);
    const double off = (found - expected).abs().mean().item<double>();
    CHECK(off > 0);
    CHECK(off < 0.02 * expected.abs().mean().item<double>());
  }
}

TEST_CASE("an int8 file that costs too much is not kept, unless forced") {
  Exporter exporter;
  exporter.options.int8->max_loss = -99;
  CHECK_THROWS_WITH(exporter.write("m.onnx"),
                    Catch::Contains("in int8 the mean error on 24 held-out rows is") &&
                        Catch::Contains("--max-loss allows -99; no file was kept"));
  CHECK_FALSE(exporter.has("m.onnx"));
  exporter.options.int8->force = true;
  CHECK(exporter.write("m.onnx").int8->loss > -99);
  CHECK(exporter.has("m.onnx"));
}

TEST_CASE("outputs of several units: the loss is the mean of their errors' growth") {
  Exporter exporter;
  int call = 0;
  exporter.options.int8->judge = [&](const PixelsToOutputs&) {
    return call++ == 0 ? HeldOutErrors{"made", 9, "", 100, {1, 10, 100}}
                       : HeldOutErrors{"made", 9, "", 103, {1.1, 10.2, 103}};
  };
  CHECK(exporter.write("m.onnx").int8->loss == Approx(5));
}

TEST_CASE("an int8 export that lacks something is refused in one line") {
  Exporter exporter;
  CHECK_THROWS_WITH(exporter.write("m.pt"), "int8 is an option of ONNX and ncnn");
  exporter.options.fp16 = true;
  CHECK_THROWS_WITH(exporter.write("m.param"), "int8 and half precision exclude each other");
  exporter.options.fp16 = false;
  exporter.options.int8->judge = nullptr;
  CHECK_THROWS_WITH(exporter.write("m.onnx"), "int8 needs held-out rows that tell what it costs");
  exporter.options.int8->calibration = torch::zeros({2, 1, 64, 64});
  CHECK_THROWS_WITH(exporter.write("m.onnx"),
                    "int8 needs calibration images of 3 channels and 64x64 pixels");
  CHECK_FALSE(exporter.has("m.onnx"));
}

}  // namespace
}  // namespace mobireg
