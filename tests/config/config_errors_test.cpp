#include <catch2/catch.hpp>
#include <string>

#include "config/config_file.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Catch::Message;

TEST_CASE("a value outside its bounds is refused with its path and what is allowed") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"threads": -1})", "threads: -1 is not allowed; it must be 0 to 1024"},
      {R"({"seed": -1})", "seed: -1 is not allowed; it must be 0 or more"},
      {R"({"model": {"input": {"size": 0}}})",
       "model.input.size: 0 is not allowed; it must be a multiple of 32, up to 4096"},
      {R"({"model": {"input": {"size": 48}}})",
       "model.input.size: 48 is not allowed; it must be a positive multiple of 32"},
      {R"({"model": {"input": {"scale": [58, 0, 58]}}})",
       "model.input.scale.1: 0 is not allowed; it must be above 0"},
      {R"({"model": {"alpha": 0}})", "model.alpha: 0 is not allowed; it must be 0.03125 to 8"},
      {R"({"model": {"depth_multiplier": 17}})",
       "model.depth_multiplier: 17 is not allowed; it must be 1 to 16"},
      {R"({"model": {"heads": [{"hidden": -1}]}})",
       "model.heads.0.hidden: -1 is not allowed; it must be 0 or more"},
      {R"({"model": {"heads": [{}, {"dropout": 1}]}})",
       "model.heads.1.dropout: 1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"model": {"heads": [{"loss_weight": -0.5}]}})",
       "model.heads.0.loss_weight: -0.5 is not allowed; it must be 0 or more"},
      {R"({"data": {"validation": {"fraction": 1}}})",
       "data.validation.fraction: 1 is not allowed; it must be between 0 and 1"},
      {R"({"data": {"test": {"fraction": 0}}})",
       "data.test.fraction: 0 is not allowed; it must be between 0 and 1"},
      {R"({"data": {"workers": 257}})", "data.workers: 257 is not allowed; it must be 0 to 256"},
      {R"({"data": {"prefetch": 0}})", "data.prefetch: 0 is not allowed; it must be 1 to 1024"},
      {R"({"augmentation": {"rotation_range": 181}})",
       "augmentation.rotation_range: 181 is not allowed; it must be 0 to 180"},
      {R"({"augmentation": {"width_shift_range": "1"}})",
       R"(augmentation.width_shift_range: "1" is not allowed; it must be a number, or a list of )"
       "numbers"},
      {R"({"augmentation": {"height_shift_range": -0.1}})",
       "augmentation.height_shift_range: -0.1 is not allowed; it must be 0 or more"},
      {R"({"augmentation": {"shear_range": 90}})",
       "augmentation.shear_range: 90 is not allowed; it must be 0 up to, not including, 90"},
      {R"({"augmentation": {"zoom_range": [0, 1]}})",
       "augmentation.zoom_range.0: 0 is not allowed; it must be above 0"},
      {R"({"augmentation": {"zoom_range": [1.2, 0.8]}})",
       "augmentation.zoom_range: [1.2,0.8] is not allowed; it must be [lowest, highest]"},
      {R"({"augmentation": {"brightness_range": [-1, 1]}})",
       "augmentation.brightness_range.0: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"epochs": 0}})", "training.epochs: 0 is not allowed; it must be 1 or more"},
      {R"({"training": {"epochs": 3000000000}})",
       "training.epochs: 3000000000 is not allowed; it must be at most 2147483647"},
      {R"({"training": {"batch_size": 1}})",
       "training.batch_size: 1 is not allowed; it must be 2 to 65536"},
      {R"({"training": {"steps_per_epoch": -1}})",
       "training.steps_per_epoch: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"validation_steps": -1}})",
       "training.validation_steps: -1 is not allowed; it must be 0 or more"},
      {R"({"training": {"huber_delta": 0}})",
       "training.huber_delta: 0 is not allowed; it must be above 0"},
      {R"({"training": {"optimizer": {"learning_rate": 0}}})",
       "training.optimizer.learning_rate: 0 is not allowed; it must be above 0"},
      {R"({"training": {"optimizer": {"beta_1": 1}}})",
       "training.optimizer.beta_1: 1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"training": {"optimizer": {"beta_2": -0.1}}})",
       "training.optimizer.beta_2: -0.1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"training": {"optimizer": {"epsilon": 0}}})",
       "training.optimizer.epsilon: 0 is not allowed; it must be above 0"},
      {R"({"training": {"optimizer": {"momentum": 1}}})",
       "training.optimizer.momentum: 1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"training": {"checkpoint": {"every": 0}}})",
       "training.checkpoint.every: 0 is not allowed; it must be 1 or more"},
      {R"({"training": {"checkpoint": {"keep": -1}}})",
       "training.checkpoint.keep: -1 is not allowed; it must be 0 or more"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("a value of the wrong type is refused with its path and what is allowed") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"model": 5})", "model: 5 is not allowed; it must be an object"},
      {R"({"training": {"epochs": "ten"}})",
       R"(training.epochs: "ten" is not allowed; it must be a whole number)"},
      {R"({"training": {"epochs": 1.5}})",
       "training.epochs: 1.5 is not allowed; it must be a whole number"},
      {R"({"seed": 1e300})", "seed: 1e+300 is not allowed; it must be a whole number"},
      {R"({"model": {"alpha": true}})", "model.alpha: true is not allowed; it must be a number"},
      {R"({"model": {"alpha": {"a": 1}}})",
       R"(model.alpha: {"a":1} is not allowed; it must be a number)"},
      {R"({"precision": "bf16", "kernels": "aten"})",
       "precision: bf16 needs mobireg's own kernels; kernels is aten"},
      {R"({"model": {"convention": 7}})", "model.convention: 7 is not allowed; it must be a text"},
      {R"({"run_dir": ["a"]})", R"(run_dir: ["a"] is not allowed; it must be a path)"},
      {R"({"data": {"skip_bad_rows": 1}})",
       "data.skip_bad_rows: 1 is not allowed; it must be true or false"},
      {R"({"data": {"y_col": "pitch"}})",
       R"(data.y_col: "pitch" is not allowed; it must be a list)"},
      {R"({"data": {"y_col": ["pitch", 2]}})", "data.y_col.1: 2 is not allowed; it must be a text"},
      {R"({"model": {"heads": [3]}})", "model.heads.0: 3 is not allowed; it must be an object"},
      {R"({"augmentation": {"zoom_range": 1}})",
       "augmentation.zoom_range: 1 is not allowed; it must be 0 up to, not including, 1"},
      {R"({"augmentation": {"zoom_range": [1, 1, 1]}})",
       "augmentation.zoom_range: [1,1,1] is not allowed; it must be two numbers, "
       "[lowest, highest]"},
      {R"({"training": {"optimizer": {"learning_rate": "fast"}}})",
       R"(training.optimizer.learning_rate: "fast" is not allowed; it must be a number)"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("an unknown choice is refused with all known ones") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"model": {"input": {"color_mode": "bgr"}}})",
       R"(model.input.color_mode: "bgr" is not allowed; it must be one of rgb, grayscale)"},
      {R"({"model": {"input": {"interpolation": "cubic"}}})",
       R"(model.input.interpolation: "cubic" is not allowed; it must be one of nearest, bilinear, )"
       "area"},
      {R"({"model": {"outputs": [{"name": "a", "unit": "rad"}]}})",
       R"(model.outputs.0.unit: "rad" is not allowed; it must be one of radians, degrees, image, )"
       "pixels, none"},
      {R"({"data": {"test": {"rule": "random"}}})",
       R"(data.test.rule: "random" is not allowed; it must be one of none, first_fraction, )"
       "random_fraction, pattern, csv"},
      {R"({"data": {"mode": 1}})",
       "data.mode: 1 is not allowed; it must be one of auto, memory, stream"},
      {R"({"training": {"loss": "MSE"}})",
       R"(training.loss: "MSE" is not allowed; it must be one of mse, mae, huber, wing, )"
       "geodesic, heteroscedastic"},
      {R"({"training": {"optimizer": {"name": "rmsprop"}}})",
       R"(training.optimizer.name: "rmsprop" is not allowed; it must be one of adam, adamw, sgd, )"
       "momentum, nesterov"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("an unknown field is refused with the nearest known name") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"sede": 1})", "sede: no such field; did you mean seed?"},
      {R"({"training": {"epoch": 3}})", "training.epoch: no such field; did you mean epochs?"},
      {R"({"model": {"heads": [{"hiden": 3}]}})",
       "model.heads.0.hiden: no such field; did you mean hidden?"},
      {R"({"training": {"checkpoint": {"folder": 3}}})",
       "training.checkpoint.folder: no such field; known here: every, keep"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("fields that do not fit together are refused") {
  const auto [changes, message] = GENERATE(table<std::string, std::string>({
      {R"({"data": {"csv": ""}})", "data.csv: it is empty; the file of labelled images is needed"},
      {R"({"model": {"input": {"mean": [1, 2]}}})",
       "model.input.mean: 2 values given; it must be one, or one for each of 3 channels"},
      {R"({"model": {"input": {"scale": [], "color_mode": "grayscale"}}})",
       "model.input.scale: 0 values given; it must be one, or one for each of 1 channels"},
      {R"({"model": {"outputs": []}})",
       "model.outputs: it is empty; at least one output is needed"},
      {R"({"model": {"outputs": [{"name": "a"}, {"name": "a"}]}})",
       "model.outputs: 'a' stands twice"},
      {R"({"model": {"outputs": [{"name": "2d"}]}})",
       "model.outputs: '2d' is not a name; it must be letters, digits and _, not beginning with a "
       "digit"},
      {R"({"model": {"outputs": [{"unit": "none"}]}})",
       "model.outputs: '' is not a name; it must be letters, digits and _, not beginning with a "
       "digit"},
      {R"({"model": {"outputs": [{"name": "x{0..3"}]}})", "unbalanced brace in 'x{0..3'"},
      {R"({"model": {"heads": [{"name": "a.b", "outputs": ["pitch"]}]}})",
       "model.heads.name: 'a.b' is not a name; it must be letters, digits and _, not beginning "
       "with a digit"},
      {R"({"model": {"heads": [{"name": "a", "outputs": ["pitch"]}, {"name": "a"}]}})",
       "model.heads: 'a' stands twice"},
      {R"({"model": {"heads": [{"name": "a"}]}})", "model.heads: 'a' has no outputs"},
      {R"({"model": {"heads": [{"name": "a", "outputs": ["pitch", "yaw"]}]}})",
       "model.heads: output 2 of the heads is 'nothing more', of model.outputs 'roll'; the heads "
       "must give every output once, in the same order"},
      {R"({"model": {"heads": [{"name": "a", "outputs": ["yaw", "pitch", "roll"]}]}})",
       "model.heads: output 0 of the heads is 'yaw', of model.outputs 'pitch'; the heads must give "
       "every output once, in the same order"},
      {R"({"model": {"outputs": [{"name": "y"}],
                    "heads": [{"name": "a", "outputs": ["y", "z"]}]}})",
       "model.heads: output 1 of the heads is 'z', of model.outputs 'nothing more'; the heads must "
       "give every output once, in the same order"},
      {R"({"data": {"y_col": ["pitch"]}})",
       "data.y_col: 1 columns for 3 outputs; it must have one for each, or be empty"},
      {R"({"data": {"test": {"rule": "pattern"}}})", "data.test: rule pattern needs a pattern"},
      {R"({"data": {"validation": {"rule": "csv"}}})", "data.validation: rule csv needs a csv"},
      {R"({"data": {"group_pattern": "a", "group_column": "b"}})",
       "data: both group_column and group_pattern are given; it must be one of them"},
  }));
  CHECK_THROWS_MATCHES(config_with(changes), Error, Message("run.json: " + message));
}

TEST_CASE("a pattern that is no regular expression is refused") {
  CHECK_THROWS_WITH(config_with(R"({"data": {"test": {"rule": "pattern", "pattern": "("}}})"),
                    Catch::StartsWith("run.json: data.test.pattern: '(' is not a regular "
                                      "expression ("));
}

TEST_CASE("text that is no JSON object is refused with its line") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "run.json:1: not valid JSON near byte 1"},
      {"{\n  \"seed\": 1,\n}", "run.json:3: not valid JSON near byte 16"},
      {"[1]", "run.json: the config: [1] is not allowed; it must be an object"},
      {R"({"model": {"alpha": 1e400}})", "run.json: a number in it is too large"},
  }));
  CHECK_THROWS_MATCHES(run_config_from_json(text, "run.json"), Error, Message(message));
}

TEST_CASE("long values are cut in messages") {
  CHECK_THROWS_WITH(config_with(R"({"seed": ")" + std::string(100, 'x') + "\"}"),
                    "run.json: seed: \"" + std::string(56, 'x') +
                        "... is not allowed; it must be a whole number");
}

TEST_CASE("messages about a file begin with its path") {
  const ConfigFile bad_value(R"({"seed": "x"})");
  CHECK_THROWS_WITH(
      bad_value.load(),
      bad_value.path().string() + ": seed: \"x\" is not allowed; it must be a whole number");
  const ConfigFile empty("{}");
  CHECK_THROWS_WITH(empty.load(), empty.path().string() +
                                      ": data.csv: it is empty; the file of labelled images is "
                                      "needed");
  CHECK_THROWS_WITH(load_run_config(empty.folder() / "none.json"),
                    Catch::Contains((empty.folder() / "none.json").string()));
}

}  // namespace
}  // namespace mobireg
