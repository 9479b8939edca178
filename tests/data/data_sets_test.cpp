// Labels, weights, units and groups of one and several data sets.

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/data/dataset.h"

namespace mobireg {
namespace {

/// A folder with one 40x20 image, `a.png`, and the rows of a CSV that name it.
struct OneImage {
  TemporaryFolder folder;
  DataConfig data;
  ModelConfig model;

  explicit OneImage(const std::string& csv) {
    write_random_image(folder.path() / "a.png", 40, 20, 1);
    write_text(folder.path() / "labels.csv", csv);
    data.csv = folder.path() / "labels.csv";
    data.validation.rule = SplitRule::kNone;
    model.input.size = 32;
  }

  ImageRegressionDataset open(const WarningCallback& warn = {}) const {
    RunConfig config;
    config.data = data;
    config.model = model;
    config = resolve_config(config);
    return open_datasets(config.data, config.model, 1, warn).train;
  }
};

TEST_CASE("labels are brought to the outputs' unit, sign and zero") {
  OneImage one("filename,pitch,yaw,roll\na.png,10,20,-30\na.png,0,0,0\n");
  one.data.units = {Unit::kDegrees};
  one.data.signs = {1, -1, 1};
  one.data.offsets = {-6, 0, 0};
  const ImageRegressionDataset dataset = one.open();
  const double radians = 3.14159265358979 / 180;
  CHECK(dataset.row(0).targets[0] == Approx(4 * radians));
  CHECK(dataset.row(0).targets[1] == Approx(-20 * radians));
  CHECK(dataset.row(0).targets[2] == Approx(-30 * radians));
  CHECK(dataset.row(1).targets[0] == Approx(-6 * radians));
}

TEST_CASE("coordinates in pixels of the file become fractions of its sides") {
  OneImage one("filename,x0,y0\na.png,10,10\na.png,40,0\n");
  one.model.outputs = {{"x0", Unit::kImage}, {"y0", Unit::kImage}};
  one.data.units = {Unit::kPixels};
  const ImageRegressionDataset dataset = one.open();
  CHECK(dataset.row(0).targets == std::vector<float>{0.25F, 0.5F});
  CHECK(dataset.row(1).targets == std::vector<float>{1, 0});
}

TEST_CASE("outputs that a set lacks are missing, not zero") {
  OneImage one("filename,yaw\na.png,1\na.png,2\n");
  one.data.missing = {"pitch", "roll"};
  const ImageRegressionDataset dataset = one.open();
  CHECK(std::isnan(dataset.row(0).targets[0]));
  CHECK(dataset.row(0).targets[1] == 1);
  CHECK(std::isnan(dataset.row(0).targets[2]));
}

TEST_CASE("a row's weight is its own times its set's") {
  OneImage one("filename,pitch,yaw,roll,w\na.png,0,0,0,2\na.png,0,0,0,0\n");
  CHECK(one.open().row(0).weight == 1);
  one.data.weight_col = "w";
  one.data.weight = 0.5;
  const ImageRegressionDataset dataset = one.open();
  CHECK(dataset.row(0).weight == 1);
  CHECK(dataset.row(1).weight == 0);
  one.data.weight = 3;
  CHECK(one.open().row(0).weight == 6);
}

TEST_CASE("weights that are none are refused with their line") {
  const std::string weight = GENERATE("-1", "heavy", "");
  OneImage one("filename,pitch,yaw,roll,w\na.png,0,0,0,1\na.png,0,0,0," + weight + "\n");
  one.data.weight_col = "w";
  CHECK_THROWS_WITH(one.open(),
                    Catch::Contains("line 3: w is '" + weight + "', not a weight of 0 or more"));
}

TEST_CASE("several sets join one run, each by its own rules") {
  const LabelledFolder first(10);
  const LabelledFolder second(6);
  DataConfig data;
  DataSetConfig a = first.data;
  a.test = {SplitRule::kFirstFraction, 0.2};
  DataSetConfig b = second.data;
  b.test = {SplitRule::kPattern};
  b.test.pattern = "5\\.png";
  b.offsets = {100};
  b.weight = 0.25;
  data.sets = {a, b};
  const Datasets sets = open_datasets(data, first.model, 2);
  CHECK(rows_of(sets.test) == RowNumbers{0, 1, 105});
  CHECK(rows_of(sets.train) == RowNumbers{2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102, 103, 104});
  CHECK(sets.train.row(0).set == 0);
  CHECK(sets.train.row(12).set == 1);
  CHECK(sets.train.row(12).weight == 0.25);
  CHECK(sets.train.row(12).csv == second.csv_path());
  CHECK(sets.train.input_image(0).pixels == first.open().train.input_image(2).pixels);
  CHECK(sets.train.input_image(8).pixels == second.open().train.input_image(0).pixels);
}

TEST_CASE("groups of two sets are not the same people") {
  const LabelledFolder first(8);
  const LabelledFolder second(8);
  DataConfig data;
  data.sets = {first.data, second.data};
  for (DataSetConfig& set : data.sets) set.group_column = "person";
  data.sets[0].test = {SplitRule::kFirstFraction, 0.25};  // person 0, who trains in the second set
  const Datasets sets = open_datasets(data, first.model, 1);
  CHECK(sets.test.size() == 2);
  CHECK(sets.train.size() == 14);
  CHECK(sets.train.row(0).group == "p1");
}

TEST_CASE("a test CSV with a person of the training rows is refused") {
  LabelledFolder folder(6);
  const LabelledFolder other(2);
  folder.data.group_column = "person";
  folder.data.test = {SplitRule::kCsv};
  folder.data.test.csv = other.csv_path();
  CHECK_THROWS_WITH(folder.open(),
                    Catch::Contains("the group 'p0' is split between training and test"));
}

TEST_CASE("unreadable headers are found before anything is decoded, unless that is switched off") {
  LabelledFolder folder(4);
  folder.data.mode = ImageMode::kStream;
  write_text(folder.path() / "images/2.png", "no image");
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("1 of 4 rows cannot be used"));
  folder.data.validate_filenames = false;
  CHECK(folder.open().train.size() == 4);
}

TEST_CASE("images above the cap are refused by their header") {
  LabelledFolder folder(3, 64);
  folder.data.max_megapixels = 0.004;
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("64x64"));
  folder.data.max_megapixels = 0.0041;
  CHECK(folder.open().train.size() == 3);
}

TEST_CASE("file names that leave the data folder are refused") {
  const LabelledFolder outside(1);
  LabelledFolder folder(2);
  const std::string name = GENERATE("../x.png", "images/../../x.png", "absolute");
  const std::string path =
      name == "absolute" ? (outside.path() / "images/0.png").string() : std::string(name);
  write_text(folder.csv_path(), "filename,angle\nimages/0.png,1\nimages/1.png,2\n" + path + ",3\n");
  CHECK_THROWS_WITH(folder.open(), Catch::Contains("1 of 3 rows cannot be used") &&
                                       Catch::Contains(path) && Catch::Contains("line 4"));
}

}  // namespace
}  // namespace mobireg
