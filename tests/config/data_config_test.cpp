// The rules between the fields that describe outputs, data sets and augmentation.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/config_file.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

TEST_CASE(
    "augmentation ranges are read in all of Keras's forms and written so that they come back") {
  using Form = ShiftRange::Form;
  const RunConfig config = config_with(R"({"augmentation": {
      "width_shift_range": 2, "height_shift_range": [0.1, 0.2], "zoom_range": 0.125,
      "steps": [{"probability": 0.5, "one_of": [
          {"name": "dropout", "p": [0, 0.03]},
          {"name": "additive_gaussian_noise", "loc": 32, "scale": 0.255, "per_channel": true}]}]}})");
  const AugmentationConfig& augmentation = config.augmentation;
  CHECK(augmentation.width_shift_range.form == Form::kWhole);
  CHECK(augmentation.height_shift_range.form == Form::kList);
  CHECK(augmentation.height_shift_range.values == std::vector<double>{0.1, 0.2});
  CHECK(augmentation.zoom_range.low == 0.875);
  CHECK(augmentation.zoom_range.high == 1.125);
  CHECK_FALSE(augmentation.brightness_range);
  const AugmentationStep& step = augmentation.steps.at(0);
  CHECK(step.probability == 0.5);
  CHECK(step.one_of.at(0).p->high == 0.03);
  CHECK(step.one_of.at(1).loc->low == 32);
  CHECK(step.one_of.at(1).loc->high == 32);
  CHECK(step.one_of.at(1).per_channel == true);
  const auto back = json::parse(to_json(config))["augmentation"];
  CHECK(back["width_shift_range"].is_number_integer());
  CHECK(back["height_shift_range"] == json::parse("[0.1, 0.2]"));
  CHECK(back["zoom_range"] == json::parse("[0.875, 1.125]"));
  CHECK(back["steps"][0]["one_of"][1]["loc"] == json::parse("[32.0, 32.0]"));
  CHECK(config_with(R"({"augmentation": {"width_shift_range": 2.0}})")
            .augmentation.width_shift_range.form == Form::kUniform);
}

TEST_CASE("what geometry does to an output is told by its name and unit, or by its kind") {
  const RunConfig config = config_with(R"({"model": {"outputs": [
      {"name": "pitch", "unit": "degrees"}, {"name": "yaw", "unit": "none"},
      {"name": "x{0..1}", "unit": "image"}, {"name": "y{0..1}", "unit": "image"},
      {"name": "turn", "unit": "radians", "kind": "yaw"},
      {"name": "x5", "unit": "pixels"}, {"name": "age", "mirror": "keep"}]}})");
  std::vector<OutputKind> kinds;
  for (const OutputConfig& output : config.model.outputs) kinds.push_back(*output.kind);
  using Kind = OutputKind;
  const bool as_expected =
      kinds == std::vector<Kind>{Kind::kPitch, Kind::kPlain, Kind::kX,     Kind::kX,    Kind::kY,
                                 Kind::kY,     Kind::kYaw,   Kind::kPlain, Kind::kPlain};
  CHECK(as_expected);
  CHECK(config.model.outputs.back().mirror == Mirror::kKeep);
  const RunConfig alone =
      config_with(R"({"model": {"outputs": [{"name": "x0", "unit": "image"}]}})");
  CHECK(alone.model.outputs[0].kind == OutputKind::kPlain);
}

TEST_CASE("several data sets each have their own columns, units and splits") {
  const ConfigFile file(R"({"data": {"sets": [
      {"csv": "a.csv", "units": ["degrees"], "signs": [1, -1, 1], "offsets": [6, 0, 0]},
      {"csv": "sub/b.csv", "missing": ["roll"], "y_col": ["p", "y"], "weight": 0.5}]}})");
  const RunConfig config = file.load();
  REQUIRE(config.data.all_sets().size() == 2);
  const DataSetConfig& first = config.data.sets[0];
  CHECK(first.units.size() == 3);
  CHECK(first.units[2] == Unit::kDegrees);
  CHECK(first.y_col == Names{"pitch", "yaw", "roll"});
  CHECK(first.directory == file.folder());
  CHECK(config.data.sets[1].directory == file.folder() / "sub");
  CHECK(config.data.sets[1].y_col == Names{"p", "y"});
  CHECK(to_json(run_config_from_json(to_json(config), "again")) == to_json(config));
}

TEST_CASE("a standardisation brings along what it brings along in Keras") {
  const auto input = [](const std::string& field) {
    return config_with(R"({"model": {"input": {")" + field + R"(": true}}})").model.input;
  };
  CHECK(input("samplewise_std_normalization").samplewise_center);
  CHECK(input("featurewise_std_normalization").featurewise_center);
  CHECK(input("zca_whitening").featurewise_center);
  CHECK_FALSE(input("featurewise_center").featurewise_std_normalization);
}

TEST_CASE("outputs whose kind does not fit are refused") {
  const auto [model, message] = GENERATE(table<std::string, std::string>({
      {R"({"outputs": [{"name": "a", "unit": "pixels", "kind": "x"}]})",
       "model.outputs: 'a' of kind x has the unit pixels; it must be image"},
      {R"({"outputs": [{"name": "a", "kind": "yaw"}]})",
       "model.outputs: 'a' of kind yaw has the unit none; it must be radians or degrees"},
      {R"({"outputs": [{"name": "yaw", "unit": "degrees", "mirror": "negate"}]})",
       "model.outputs: 'yaw' of kind yaw has a mirror rule; only plain outputs take one"},
      {R"({"outputs": [{"name": "yaw", "unit": "degrees"},
                       {"name": "turn", "unit": "degrees", "kind": "yaw"}]})",
       "model.outputs: 'yaw' and 'turn' are both of kind yaw; a head has one"},
      {R"({"outputs": [{"name": "a", "unit": "image", "kind": "x"}]})",
       "model.outputs: 1 of kind x and 0 of kind y; points need as many of both"},
      {R"({"outputs": [{"name": "x{0..1}", "unit": "image"}, {"name": "y{0..1}", "unit": "image"}],
           "mirror_map": [0]})",
       "model.mirror_map: 1 numbers for 2 points; it must have one for each"},
      {R"({"outputs": [{"name": "x{0..1}", "unit": "image"}, {"name": "y{0..1}", "unit": "image"}],
           "mirror_map": [1, 1]})",
       "model.mirror_map.0: 1 is not allowed; mirroring twice must give every point back, so the "
       "points must be swapped in pairs or stay"},
      {R"({"input": {"feature_mean": [1, 2]}})",
       "model.input.feature_mean: 2 values given; it must be one, or one for each of 3 channels"},
  }));
  CHECK_THROWS_MATCHES(config_with(R"({"model": )" + model + "}"), Error,
                       Catch::Message("run.json: " + message));
}

TEST_CASE("data sets whose fields do not fit are refused") {
  const auto [data, message] = GENERATE(table<std::string, std::string>({
      {R"({"missing": ["rol"]})", "data.missing: 'rol' is no output; did you mean roll?"},
      {R"({"missing": ["pitch", "yaw", "roll"]})", "data.missing: no output is left to learn"},
      {R"({"missing": ["roll"], "y_col": ["a", "b", "c"]})",
       "data.y_col: 3 columns for 2 outputs; it must have one for each, or be empty"},
      {R"({"units": ["degrees", "radians"]})",
       "data.units: 2 values for 3 columns; it must be one, or one for each"},
      {R"({"units": ["pixels"]})",
       "data.units.0: pixels cannot be converted to 'pitch', which is in radians"},
      {R"({"signs": [0.5]})", "data.signs.0: 0.5 is not allowed; it must be 1 or -1"},
      {R"({"offsets": [1, 2]})",
       "data.offsets: 2 values for 3 columns; it must be one, or one for each"},
      {R"({"box": ["a", "b"]})",
       "data.box: 2 columns given; it must be four, of left, top, right and bottom, or none"},
      {R"({"crop_margin": 0.2})",
       "data.crop_margin: it needs data.box, the columns of the box it is added to"},
      {R"({"sets": [{"csv": "a.csv"}]})",
       "data.csv: it is without effect beside data.sets; give it in each set"},
      {R"({"csv": "", "sets": [{"csv": "a.csv"}, {}]})",
       "data.sets.1.csv: it is empty; the file of labelled images is needed"},
      {R"({"balance": {"output": "jaw"}})", "data.balance.output: 'jaw' is no output of the model"},
      {R"({"max_megapixels": 0})",
       "data.max_megapixels: 0 is not allowed; it must be above 0, up to 10000"},
  }));
  CHECK_THROWS_MATCHES(config_with(R"({"data": )" + data + "}"), Error,
                       Catch::Message("run.json: " + message));
}

TEST_CASE("geometry that labels could not follow is refused, and as_keras allows it") {
  const std::string points =
      R"("outputs": [{"name": "x{0..1}", "unit": "image"}, {"name": "y{0..1}", "unit": "image"}])";
  const std::string plain = R"("outputs": [{"name": "age"}])";
  const std::string yaw = R"("outputs": [{"name": "yaw", "unit": "degrees"}])";
  const auto [model, augmentation,
              message] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {points, R"("horizontal_flip": true)",
       "augmentation: flips need model.mirror_map, which says which point each point becomes "
       "in a mirrored image"},
      {plain, R"("vertical_flip": true)",
       "augmentation: flips need to know what mirroring does to the plain output 'age'; set its "
       "mirror to keep or negate, or its kind"},
      {yaw, R"("rotation_range": 5)",
       "augmentation: rotation, shear and flips move pitch, yaw and roll together, and "
       "model.outputs has 1 of the three; give all, or make them plain, or set "
       "augmentation.labels to as_keras"},
      {R"("alpha": 1)", R"("zoom_range": [0.7, 1.4])",
       "augmentation: zoom_range and shear_range can stretch a face by 2.00 in one direction; "
       "pose labels follow up to 1.5"},
  }));
  const auto config = [&](const std::string& labels) {
    return R"({"model": {)" + model + R"(}, "augmentation": {)" + augmentation +
           R"(, "labels": ")" + labels + R"("}})";
  };
  CHECK_THROWS_MATCHES(config_with(config("follow")), Error,
                       Catch::Message("run.json: " + message));
  CHECK_NOTHROW(config_with(config("as_keras")));
}

TEST_CASE("a set without pitch or yaw is not turned, for the other angle could not follow") {
  const auto config = [](const std::string& missing, const std::string& augmentation) {
    return config_with(R"({"data": {"missing": [)" + missing + R"(]}, "augmentation": {)" +
                       augmentation + "}}");
  };
  const std::string turn = R"("rotation_range": 5)";
  CHECK_THROWS_WITH(config(R"("pitch")", turn),
                    Catch::Contains("labels.csv lacks pitch, without which yaw cannot follow"));
  CHECK_THROWS_WITH(config(R"("yaw")", turn),
                    Catch::Contains("lacks yaw, without which pitch cannot follow"));
  CHECK_NOTHROW(config(R"("roll")", turn));
  CHECK_NOTHROW(config(R"("pitch", "yaw")", turn));
  CHECK_NOTHROW(config(R"("pitch")", R"("horizontal_flip": true, "width_shift_range": 0.1)"));
  CHECK_NOTHROW(config(R"("pitch")", turn + R"(, "labels": "as_keras")"));
}

TEST_CASE("flips are allowed where every output says what they do") {
  CHECK_NOTHROW(config_with(R"({"model": {"outputs": [
      {"name": "x{0..1}", "unit": "image"}, {"name": "y{0..1}", "unit": "image"},
      {"name": "age", "mirror": "keep"}, {"name": "turn", "mirror": "negate"}],
      "mirror_map": [1, 0]}, "augmentation": {"horizontal_flip": true}})"));
  CHECK_NOTHROW(
      config_with(R"({"augmentation": {"horizontal_flip": true, "vertical_flip": true}})"));
}

TEST_CASE("a step without an operation is refused") {
  CHECK_THROWS_WITH(config_with(R"({"augmentation": {"steps": [{"probability": 0.5}]}})"),
                    "run.json: augmentation.steps.0.one_of: it is empty; at least one operation is "
                    "needed");
}

}  // namespace
}  // namespace mobireg
