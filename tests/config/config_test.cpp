#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "config/config_file.h"
#include "config/fields.h"
#include "mobireg/config/run_config.h"
#include "mobireg/config/units.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Catch::Message;
using nlohmann::json;
using Names = std::vector<std::string>;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST_CASE("every unit survives the way from JSON into the config and back") {
  const auto [name, unit] = GENERATE(table<std::string, Unit>({{"radians", Unit::kRadians},
                                                               {"degrees", Unit::kDegrees},
                                                               {"image", Unit::kImage},
                                                               {"pixels", Unit::kPixels},
                                                               {"none", Unit::kNone}}));
  const RunConfig config =
      config_with(R"({"model": {"outputs": [{"name": "y", "unit": ")" + name + R"("}]}})");
  CHECK(config.model.outputs.at(0).unit == unit);
  CHECK(json::parse(to_json(config))["model"]["outputs"][0]["unit"] == name);
  CHECK(EnumNames<Unit>::list.size() == 5);
}

TEST_CASE("angles are reported in degrees, other outputs in their unit") {
  CHECK(report_factor(Unit::kRadians) == Approx(180 / 3.14159265358979));
  CHECK(report_unit(Unit::kRadians) == std::string("deg"));
  const auto [unit, name] = GENERATE(table<Unit, std::string>({{Unit::kDegrees, "deg"},
                                                               {Unit::kImage, "image"},
                                                               {Unit::kPixels, "px"},
                                                               {Unit::kNone, ""}}));
  CHECK(report_factor(unit) == 1);
  CHECK(report_unit(unit) == name);
}

TEST_CASE("comments are allowed") {
  const ConfigFile file("// why\n{\"seed\": 3, /* and */ \"data\": {\"csv\": \"a.csv\"}}");
  CHECK(file.load().seed == 3);
}

TEST_CASE("the largest seed is kept exactly") {
  const RunConfig config = config_with(R"({"seed": 18446744073709551615})");
  CHECK(config.seed == 18446744073709551615U);
  CHECK(json::parse(to_json(config))["seed"] == 18446744073709551615U);
}

TEST_CASE("--set overrides a field of any type") {
  const ConfigFile file;
  const RunConfig config =
      file.load({"seed=7", "model.alpha=0.5", "model.input.color_mode=grayscale",
                 "data.skip_bad_rows=true", "augmentation.zoom_range=[0.9, 1.1]",
                 "model.convention=x to the right", "training.optimizer={\"beta_1\": 0.8}",
                 "training.optimizer.learning_rate=1e-4", "data.test.pattern=a=b", "seed=8"});
  CHECK(config.seed == 8);
  CHECK(config.model.alpha == 0.5);
  CHECK(config.model.input.color_mode == ColorMode::kGrayscale);
  CHECK(config.data.skip_bad_rows);
  CHECK(config.augmentation.zoom_range.low == 0.9);
  CHECK(config.augmentation.zoom_range.high == 1.1);
  CHECK(config.model.convention == "x to the right");
  CHECK(config.training.optimizer.beta_1 == 0.8);
  CHECK(config.training.optimizer.learning_rate == 1e-4);
  CHECK(config.data.test.pattern == "a=b");
}

TEST_CASE("--set overrides one element of a list and leaves the others") {
  const ConfigFile file(R"({"data": {"csv": "labels.csv"}, "model": {"heads": [
      {"name": "a", "outputs": ["pitch"], "hidden": 8},
      {"name": "b", "outputs": ["yaw", "roll"], "hidden": 16}]}})");
  const RunConfig config = file.load({"model.heads.0.hidden=64", "model.outputs.1.unit=degrees"});
  CHECK(config.model.heads.at(0).hidden == 64);
  CHECK(config.model.heads.at(0).outputs == Names{"pitch"});
  CHECK(config.model.heads.at(1).hidden == 16);
  CHECK(config.model.outputs.at(0).unit == Unit::kRadians);
  CHECK(config.model.outputs.at(1).unit == Unit::kDegrees);
}

TEST_CASE("--set clears what it is given empty") {
  const ConfigFile file(R"({"data": {"csv": "labels.csv", "directory": "images"},
                            "training": {"optimizer": {"learning_rate": 3}}})");
  const RunConfig config = file.load({"data.directory=", "training.optimizer.learning_rate=null"});
  CHECK(config.data.directory == file.folder());
  CHECK(config.training.optimizer.learning_rate == 0.001);
}

TEST_CASE("a bad --set is refused with its text") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"seed", "--set seed: it must be of the form field.name=value"},
      {"=3", "--set =3: it must be of the form field.name=value"},
      {"model..alpha=3", "--set model..alpha=3: the field's name has an empty part"},
      {".seed=3", "--set .seed=3: the field's name has an empty part"},
      {"seed.=3", "--set seed.=3: the field's name has an empty part"},
      {"seed=x", "--set seed=x: seed: \"x\" is not allowed; it must be a whole number"},
      {"sed=3", "--set sed=3: sed: no such field; did you mean seed?"},
      {"seed.a=3", "--set seed.a=3: seed: {\"a\":3} is not allowed; it must be a whole number"},
      {"model.outputs.3.name=x",
       "--set model.outputs.3.name=x: model.outputs.3: no such element; the list has 3"},
      {"model.outputs.first.name=x",
       "--set model.outputs.first.name=x: model.outputs.first: no such element; the list has 3"},
      {"model.outputs.0.nam=x",
       "--set model.outputs.0.nam=x: model.outputs.0.nam: no such field; did you mean name?"},
  }));
  CHECK_THROWS_MATCHES(ConfigFile().load({text}), Error, Message(message));
}

TEST_CASE("paths in a file are relative to its folder, in --set to the current folder") {
  const ConfigFile file(R"({"run_dir": "runs/one", "training": {"init_from": "w.safetensors"},
      "data": {"csv": "../labels.csv", "directory": "./images", "test": {"csv": "test.csv"},
               "validation": {"csv": "/absolute/validation.csv"}}})");
  const RunConfig config = file.load();
  CHECK(config.run_dir == file.folder() / "runs/one");
  CHECK(config.training.init_from == file.folder() / "w.safetensors");
  CHECK(config.data.csv == file.folder().parent_path() / "labels.csv");
  CHECK(config.data.directory == file.folder() / "images");
  CHECK(config.data.test.csv == file.folder() / "test.csv");
  CHECK(config.data.validation.csv == "/absolute/validation.csv");

  const RunConfig overridden = file.load({"data.csv=faces/labels.csv"});
  CHECK(overridden.data.csv == std::filesystem::current_path() / "faces/labels.csv");
  CHECK(overridden.run_dir == file.folder() / "runs/one");
}

TEST_CASE("images lie beside the CSV when no directory is given") {
  CHECK(ConfigFile().load({"data.csv=/faces/all/labels.csv"}).data.directory == "/faces/all");
}

TEST_CASE("braces in outputs, heads and columns are expanded in order") {
  const RunConfig config = config_with(R"({
      "model": {"outputs": [{"name": "{x,y}{0..1}", "unit": "image"}, {"name": "size"}],
                "heads": [{"name": "points", "outputs": ["{x,y}{0..1}"]},
                          {"name": "size", "outputs": ["size"]}]},
      "data": {"y_col": ["c{1..4}", "s"]}})");
  Names outputs;
  for (const OutputConfig& output : config.model.outputs) outputs.push_back(output.name);
  CHECK(outputs == Names{"x0", "x1", "y0", "y1", "size"});
  CHECK(config.model.outputs[3].unit == Unit::kImage);
  CHECK(config.model.outputs[4].unit == Unit::kNone);
  CHECK(config.model.heads.at(0).outputs == Names{"x0", "x1", "y0", "y1"});
  CHECK(config.data.y_col == Names{"c1", "c2", "c3", "c4", "s"});
}

TEST_CASE("what a config leaves open is filled in") {
  const RunConfig config = config_with("{}");
  REQUIRE(config.model.heads.size() == 3);
  CHECK(config.model.heads[2].name == "roll");
  CHECK(config.model.heads[2].outputs == Names{"roll"});
  CHECK(config.model.heads[2].hidden == 128);
  CHECK(config.data.y_col == Names{"pitch", "yaw", "roll"});
  CHECK(config.model.input.mean == std::vector<double>{123, 123, 123});
  CHECK(config.model.input.scale == std::vector<double>{58, 58, 58});
  CHECK(config.data.csv.is_absolute());
  CHECK(config.run_dir.is_absolute());
  CHECK(config.training.init_from.empty());
  const auto [name, rate] =
      GENERATE(table<std::string, double>({{"adam", 0.001}, {"sgd", 0.01}, {"momentum", 0.01}}));
  CHECK(config_with(R"({"training": {"optimizer": {"name": ")" + name + R"("}}})")
            .training.optimizer.learning_rate == rate);
}

TEST_CASE("a resolved config comes back from its JSON unchanged") {
  const std::string changes = GENERATE("{}", R"({
      "model": {"outputs": [{"name": "x{0..67}", "unit": "image"}], "alpha": 0.7,
                "input": {"mean": [1.1, 2, 3], "color_mode": "rgb"},
                "heads": [{"name": "all", "outputs": ["x{0..67}"], "hidden": 0}]},
      "data": {"validation": {"rule": "random_fraction"}, "group_pattern": "(?:a|b)_\\d+",
               "units": ["image"], "crop_margin": [0, 0.5], "box": ["l", "t", "r", "b"]},
      "augmentation": {"zoom_range": [0.85, 1.15], "width_shift_range": 3, "brightness_range": [1, 2],
                       "height_shift_range": [1, 2.5],
                       "steps": [{"one_of": [{"name": "gamma", "gamma": 2}]}]},
      "training": {"optimizer": {"name": "sgd"}, "init_from": "w.safetensors"}})");
  const RunConfig config = config_with(changes);
  const std::string text = to_json(config);
  const RunConfig again = run_config_from_json(text, "config.json");
  CHECK(to_json(again) == text);
  CHECK(to_json(resolve_config(config)) == text);
  CHECK(config_differences(config, again).empty());
}

TEST_CASE("a model's config alone is read, resolved and written too") {
  const ModelConfig model = model_config_from_json(R"({"outputs": [{"name": "a{0..1}"}]})", "card");
  CHECK(model.heads.size() == 2);
  CHECK(to_json(model_config_from_json(to_json(model), "card")) == to_json(model));
  CHECK_THROWS_WITH(model_config_from_json(R"({"outputs": []})", "card"),
                    "card: model.outputs: it is empty; at least one output is needed");
}

TEST_CASE("differences of two configs are named with both values") {
  const RunConfig a = config_with("{}");
  const RunConfig b = config_with(R"({"seed": 2, "training": {"loss": "mae"},
      "model": {"heads": [{"name": "pitch", "outputs": ["pitch"], "hidden": 64},
                          {"name": "rest", "outputs": ["yaw", "roll"]}]}})");
  const Names differences = config_differences(a, b);
  const auto has = [&](const std::string& text) {
    return std::count(differences.begin(), differences.end(), text) == 1;
  };
  CHECK(has("seed (1 and 2)"));
  CHECK(has("training.loss (\"mse\" and \"mae\")"));
  CHECK(has("model.heads.0.hidden (128 and 64)"));
  CHECK(has("model.heads.2.hidden (128 and null)"));
  CHECK(config_differences(a, a).empty());
}

TEST_CASE("every config that comes with mobireg loads") {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MOBIREG_SOURCE_DIR "/configs")) {
    if (entry.path().extension() != ".json" || entry.path().stem() == "schema") continue;
    INFO(entry.path());
    CHECK_NOTHROW(load_run_config(entry.path()));
    ++found;
  }
  CHECK(found >= 3);
}

TEST_CASE("the landmark config has one head for its 136 outputs") {
  const RunConfig config = load_run_config(MOBIREG_SOURCE_DIR "/configs/landmarks.json");
  CHECK(config.model.outputs.size() == 136);
  REQUIRE(config.model.heads.size() == 1);
  CHECK(config.model.heads[0].outputs.size() == 136);
}

TEST_CASE("docs/configuration.md is what the field list says") {
  INFO("made by: mobireg-train --list-fields > docs/configuration.md");
  const bool equal = text_of(MOBIREG_SOURCE_DIR "/docs/configuration.md") == config_reference();
  CHECK(equal);
}

}  // namespace
}  // namespace mobireg
