// What is made of a CSV that comes without a config.

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/inspect/inspect.h"

namespace mobireg {
namespace {

RunConfig config_for(const std::string& csv, const std::vector<std::string>& overrides = {}) {
  const TemporaryFolder folder;
  write_text(folder.path() / "labels.csv", csv);
  return run_config_for_csv(folder.path() / "labels.csv", overrides);
}

std::vector<std::string> names_of(const RunConfig& config) {
  std::vector<std::string> names;
  for (const OutputConfig& output : config.model.outputs) names.push_back(output.name);
  return names;
}

TEST_CASE("pitch, yaw and roll are a pose, whatever else there is") {
  const RunConfig config = config_for("filename,age,roll,pitch,yaw\na.png,3,0,0.1,0.7\n");
  CHECK(names_of(config) == std::vector<std::string>{"pitch", "yaw", "roll"});
  CHECK(config.model.outputs[1].kind == OutputKind::kYaw);
  CHECK(config.model.outputs[1].unit == Unit::kRadians);
  CHECK(config.augmentation.rotation_range > 0);
  CHECK(config.augmentation.horizontal_flip);
}

TEST_CASE("angles that look like degrees are taken for degrees, all of them") {
  const RunConfig config = config_for("filename,pitch,yaw,roll\na.png,-1,40,2\nb.png,1,-30,0\n");
  for (const OutputConfig& output : config.model.outputs) CHECK(output.unit == Unit::kDegrees);
  CHECK((config.data.units == std::vector<Unit>(3, Unit::kDegrees)));
}

TEST_CASE("x0 beside y0 is a point, of pixels where its values are beyond the image") {
  const std::string header = "filename,x0,x1,y0,y1\n";
  const RunConfig fractions = config_for(header + "a.png,0.2,0.7,0.4,1.1\n");
  CHECK(fractions.model.outputs[3].kind == OutputKind::kY);
  CHECK((fractions.data.units == std::vector<Unit>(4, Unit::kImage)));
  const RunConfig pixels = config_for(header + "a.png,1,70,40,110\n");
  CHECK(pixels.model.outputs[0].unit == Unit::kImage);
  CHECK((pixels.data.units == std::vector<Unit>(4, Unit::kPixels)));
}

TEST_CASE("other numeric columns are plain outputs with names that outputs may have") {
  const RunConfig config = config_for("path,age [y],age (y),7,x3,note\na.png,3,4,5,6,old\n");
  CHECK(config.data.x_col == "path");
  CHECK(names_of(config) == std::vector<std::string>{"age__y_", "age__y__", "_7", "x3"});
  CHECK(config.data.y_col == std::vector<std::string>{"age [y]", "age (y)", "7", "x3"});
  for (const OutputConfig& output : config.model.outputs) {
    CHECK(output.kind == OutputKind::kPlain);
    CHECK(output.unit == Unit::kNone);
  }
  CHECK_FALSE(config.augmentation.horizontal_flip);
}

TEST_CASE("one angle of the three is not turned") {
  const RunConfig config = config_for("filename,yaw\na.png,0.5\n");
  CHECK(config.model.outputs.at(0).kind == OutputKind::kYaw);
  CHECK(config.augmentation.rotation_range == 0);
}

TEST_CASE("few rows are not split") {
  CHECK(config_for("filename,age\na.png,1\n").data.validation.rule == SplitRule::kNone);
  std::string csv = "filename,age\n";
  for (int i = 0; i < 7; ++i) csv += "a.png,1\n";
  CHECK(config_for(csv).data.validation.rule == SplitRule::kFirstFraction);
}

TEST_CASE("overrides come last") {
  const RunConfig config =
      config_for("filename,age\na.png,1\n", {"model.input.size=96", "data.validation.rule=none"});
  CHECK(config.model.input.size == 96);
}

TEST_CASE("a CSV without file names or without numbers is refused") {
  CHECK_THROWS_WITH(config_for("a,b\n1,2\n"),
                    Catch::EndsWith("labels.csv: no column has texts that could be file names"));
  CHECK_THROWS_WITH(config_for("filename,b\na.png,x\n"),
                    Catch::EndsWith("labels.csv: no column has numbers that could be labels"));
}

}  // namespace
}  // namespace mobireg
