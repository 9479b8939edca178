#include "mobireg/deploy/model_card.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "deploy/lively_network.h"
#include "deploy/trained_network.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "mobireg/core/version.h"
#include "mobireg/training/checkpoint.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

ModelCard full_card() {
  ModelCard card;
  card.model = resolve_config(ModelConfig{});
  card.model.convention = "yaw > 0: nose to the left";
  card.normalization_inside = false;
  card.mean = {123, 117.5, 104};
  card.scale = {58, 57, 59};
  card.precision = Precision::kFloat16;
  card.training_sets = {
      {"a.csv", true, {0.1, 0.3}}, {"b.csv", false, {0, 0}}, {"c.csv", true, {0.2, 0.5}}};
  card.training_rows = 3847;
  card.data_fingerprint = "d551";
  card.epoch = 30;
  card.step = 1830;
  card.held_out = HeldOutErrors{"validation", 691, "deg", 6.25, {5.5, 8.5, 4.75}};
  card.checkpoint_sha256 = std::string(64, 'a');
  card.mobireg_version = "9.8.7";
  return card;
}

TEST_CASE("a card is read back as it was written") {
  const ModelCard card = ModelCard::from_json(full_card().to_json(), "card");
  CHECK(card.to_json() == full_card().to_json());
  CHECK(card.model.outputs[1].name == "yaw");
  CHECK(card.model.convention == "yaw > 0: nose to the left");
  CHECK_FALSE(card.normalization_inside);
  CHECK(card.mean == std::vector<double>{123, 117.5, 104});
  CHECK(card.scale == std::vector<double>{58, 57, 59});
  CHECK(card.training_sets[0].csv == "a.csv");
  CHECK(card.training_sets[2].crop_margin.high == 0.5);
  CHECK(card.training_rows == 3847);
  CHECK(card.epoch == 30);
  CHECK(card.step == 1830);
  CHECK(card.held_out->count == 691);
  CHECK(card.held_out->maes == std::vector<double>{5.5, 8.5, 4.75});
  CHECK(card.mobireg_version == "9.8.7");
  for (const Precision precision : {Precision::kFloat32, Precision::kFloat16, Precision::kInt8}) {
    ModelCard other = full_card();
    other.precision = precision;
    CHECK(ModelCard::from_json(other.to_json(), "card").precision == precision);
  }
}

TEST_CASE("what a card does not know is null in its JSON, and unknown when read back") {
  ModelCard card;
  card.model = resolve_config(ModelConfig{});
  const auto json = nlohmann::json::parse(card.to_json());
  CHECK(json["input"]["mean"].is_null());
  CHECK(json["input"]["crop_margin"].is_null());
  CHECK(json["training"]["rows"].is_null());
  CHECK(json["held_out_errors"].is_null());
  const ModelCard read = ModelCard::from_json(card.to_json(), "card");
  CHECK(read.mean.empty());
  CHECK_FALSE(read.held_out);
  CHECK_FALSE(read.crop_margin());
}

TEST_CASE("the crop margin is the middle of what the sets with boxes drew from") {
  CHECK(*full_card().crop_margin() == Approx(0.3));
  ModelCard card = full_card();
  card.training_sets = {{"b.csv", false, {0, 0}}};
  CHECK_FALSE(card.crop_margin());
}

TEST_CASE("a card says in words what goes in and what comes out") {
  const std::string summary = full_card().summary();
  CHECK(summary ==
        "MobileNet regressor of pitch (radians), yaw (radians), roll (radians) from a 64 x 64 RGB "
        "image, fed (pixel - mean) / scale. yaw > 0: nose to the left");
  ModelCard many;
  many.model = resolve_config(kinds_of_models()[2]);
  CHECK(many.summary().find("x7 (image) and 128 more from") != std::string::npos);
  CHECK(many.summary().find("pixels of 0 to 255") != std::string::npos);
}

TEST_CASE("cards that are damaged or of another kind are refused in one line") {
  const auto changed = [](const std::function<void(nlohmann::json&)>& change) {
    auto json = nlohmann::json::parse(full_card().to_json());
    change(json);
    return json.dump();
  };
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{", "x: not a mobireg model card"},
      {"[]", "x: not a mobireg model card"},
      {R"({"format": "other"})", "x: not a mobireg model card"},
      {changed([](auto& json) { json["format_version"] = 1; }),
       "x: its model card has the format version 1; this mobireg reads version 2"},
      {changed([](auto& json) { json.erase("training"); }), "x: its model card is incomplete"},
      {changed([](auto& json) { json["input"]["mean"] = "dark"; }),
       "x: its model card is incomplete"},
      {changed([](auto& json) { json["precision"] = "int4"; }),
       "x: its model card has the precision 'int4'; it is float32, float16 or int8"}};
  for (const auto& [text, message] : cases) {
    CHECK_THROWS_WITH(ModelCard::from_json(text, "x"), message);
  }
}

/// A run of one whole epoch, with a checkpoint in it.
struct Run {
  Run() {
    config.model = resolve_config(kinds_of_models()[0]);
    config.data.csv = "/data/faces/train.csv";
    config.data.box = {"l", "t", "r", "b"};
    config.data.crop_margin = {0.2, 0.4};
    checkpoint.epoch = 2;
    checkpoint.step = 122;
    checkpoint.data_fingerprint = "f00d";
    checkpoint.best = BestEpoch{2, 6.5};
    checkpoint.tensors = named_weights(*lively_network(config.model));
    checkpoint.tensors.push_back({"metrics.sums", torch::zeros({11}, torch::kDouble)});
    std::filesystem::create_directory(folder.path() / "checkpoints");
  }

  ModelCard card() {
    checkpoint.config = config;
    write_checkpoint(path, checkpoint);
    return load_trained_network(path).card;
  }

  void write_folder(const RunConfig& of_run) const {
    write_file_atomically(folder.path() / "config.json", to_json(of_run));
    write_file_atomically(folder.path() / "rows.csv",
                          "filename,split,row\na,train,1\nb,train,2\nc,validation,3\nd,test,4\n");
    write_file_atomically(folder.path() / "metrics.csv",
                          "epoch,step,val_mae,val_pitch_mae,val_yaw_mae,val_roll_mae\n"
                          "1,61,9,9,9,9\n2,122,6.5,5,7.5,7\n");
  }

  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "checkpoints" / "best.safetensors";
  RunConfig config;
  Checkpoint checkpoint;
};

TEST_CASE("a checkpoint's card tells how it was trained, without anybody's folders") {
  Run run;
  const ModelCard card = run.card();
  CHECK(card.epoch == 2);
  CHECK(card.step == 122);
  CHECK(card.data_fingerprint == "f00d");
  REQUIRE(card.training_sets.size() == 1);
  CHECK(card.training_sets[0].csv == "train.csv");
  CHECK(*card.crop_margin() == Approx(0.3));
  CHECK(card.mean == std::vector<double>{123, 123, 123});
  CHECK(card.mobireg_version == version());
  REQUIRE(card.held_out);
  CHECK(card.held_out->mae == 6.5);
  CHECK(card.held_out->unit == "deg");
  CHECK(card.held_out->maes.empty());
  CHECK(card.training_rows == 0);
  CHECK(card.to_json().find("/data") == std::string::npos);
}

TEST_CASE("a card names every set of a run with several") {
  Run run;
  DataSetConfig whole;
  whole.csv = "/data/whole.csv";
  run.config.data.sets = {run.config.data, whole};
  run.config.data.csv.clear();
  run.config.data.box.clear();
  run.config.data.crop_margin = {};
  const ModelCard card = run.card();
  REQUIRE(card.training_sets.size() == 2);
  CHECK(card.training_sets[0].face_boxes);
  CHECK(card.training_sets[1].csv == "whole.csv");
  CHECK_FALSE(card.training_sets[1].face_boxes);
}

TEST_CASE("errors are the checkpoint's own: of the best epoch at its end, or there are none") {
  Run later;
  later.checkpoint.epoch = 3;
  CHECK_FALSE(later.card().held_out);
  Run stopped;
  stopped.checkpoint.tensors.back().tensor.fill_(1);
  CHECK_FALSE(stopped.card().held_out);
}

TEST_CASE("the run folder around a checkpoint adds every output's error and the rows") {
  Run run;
  run.card();
  run.write_folder(run.config);
  const ModelCard card = run.card();
  CHECK(card.training_rows == 2);
  REQUIRE(card.held_out);
  CHECK(card.held_out->count == 1);
  CHECK(card.held_out->maes == std::vector<double>{5, 7.5, 7});
  RunConfig other = run.config;
  other.data.csv = "/data/other.csv";
  run.write_folder(other);
  CHECK(run.card().training_rows == 0);
}

TEST_CASE("saved weights have a card without a record of training") {
  const TemporaryFolder folder;
  save_weights(*lively_network(kinds_of_models()[2]), folder.path() / "w.safetensors");
  const ModelCard card = load_trained_network(folder.path() / "w.safetensors").card;
  CHECK(card.model.outputs.size() == 136);
  CHECK(card.model.outputs[68].name == "y0");
  CHECK(card.model.outputs[68].unit == Unit::kImage);
  CHECK(card.checkpoint_sha256.size() == 64);
  CHECK(card.training_sets.empty());
  CHECK(card.to_json().find("\"channel_order\": \"RGB\"") != std::string::npos);
}

}  // namespace
}  // namespace mobireg
