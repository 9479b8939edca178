#include "mobireg/bench/data_bench.h"

#include <nlohmann/json.hpp>

#include "data/labelled_folder.h"
#include "mobireg/core/error.h"

using namespace mobireg;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// Images with the columns that the recipe reads.
class PoseFolder {
 public:
  explicit PoseFolder(int rows) {
    std::string csv = "filename,pitch,yaw,roll\n";
    for (int i = 0; i < rows; ++i) {
      const std::string name = std::to_string(i) + ".png";
      write_random_image(folder_.path() / name, 64, 64, static_cast<std::uint64_t>(i));
      csv += name + ",0.1,0.2,0.3\n";
    }
    options.images = folder_.path() / "labels.csv";
    write_text(options.images, csv);
  }
  std::filesystem::path path() const { return folder_.path(); }

  DataBenchOptions options;

 private:
  TemporaryFolder folder_;
};

std::filesystem::path headpose() {
  return std::filesystem::path(MOBIREG_SOURCE_DIR) / "configs/headpose.json";
}

}  // namespace

TEST_CASE("the recipe that is timed augments and standardises as configs/headpose.json") {
  DataBenchOptions options;
  options.images = "labels.csv";
  const RunConfig recipe = data_bench_config(options);
  options.config = headpose();
  for (const std::string& difference : config_differences(recipe, data_bench_config(options))) {
    CHECK_THAT(difference, !StartsWith("augmentation") && !StartsWith("model.input"));
  }
}

TEST_CASE("images given beside a config take the place of its data, and all of them train") {
  PoseFolder folder(6);
  folder.options.config = headpose();
  folder.options.mode = ImageMode::kStream;
  folder.options.dct_scaling = false;
  const DataBench bench(folder.options);
  CHECK(bench.images() == 6);
  CHECK(bench.config().data.mode == ImageMode::kStream);
  CHECK_FALSE(bench.config().model.input.dct_scaling);
}

TEST_CASE("a timing counts the images of whole batches, on any number of threads") {
  PoseFolder folder(70);
  for (const int threads : {1, 2}) {
    folder.options.threads = threads;
    DataBench bench(folder.options);
    std::int64_t images = 0;
    for (int i = 0; i < 2; ++i) images += bench.run(0).count;
    CHECK(images == threads * (64 + 6));
  }
}

TEST_CASE("what a timed program says of itself describes its values") {
  PoseFolder folder(64);
  const auto about = nlohmann::json::parse(DataBench(folder.options).about());
  CHECK_FALSE(about["versions"]["mobireg"].get<std::string>().empty());
  // Pixels from 0 to 255, made brighter by 1.15 in the mean and cut at 255.
  CHECK(about["mean"].get<double>() == Approx((140 - 123.) / 58).margin(0.15));
  CHECK(about["std"].get<double>() == Approx(1).margin(0.4));
}

TEST_CASE("every stage of a batch takes time") {
  PoseFolder folder(4);
  folder.options.mode = ImageMode::kStream;
  const DataBenchReport report = bench_data(folder.options, 3, 0.01);
  CHECK(report.rounds.size() == 3);
  REQUIRE(report.stages);
  CHECK(report.stages->decode > 0);
  CHECK(report.stages->warp > 0);
  CHECK(report.stages->colour > 0);
  CHECK(report.stages->standardize > 0);
  CHECK_THAT(report.to_string(),
             StartsWith("4 images to 64x64, mode stream, DCT scaling on, 1 thread\n"));
  CHECK_THAT(report.to_string(), Contains("median") && Contains("colour and noise"));
  const auto json = nlohmann::json::parse(report.to_json());
  CHECK(json["rounds"].size() == 3);
  CHECK(json["stages_us"]["warp"] == report.stages->warp);
}

TEST_CASE("an input that a run would fit is not timed") {
  PoseFolder folder(4);
  folder.options.config = headpose();
  folder.options.overrides = {"model.input.featurewise_center=true"};
  CHECK_THROWS_WITH(DataBench(folder.options), Contains("fitted by a run; they are not timed"));
}

TEST_CASE("the check of rows counts all rows and finds the bad one") {
  PoseFolder folder(5);
  CHECK(RowCheckBench(folder.options).run(0).count == 5);
  CHECK_THAT(bench_row_checks(folder.options, 1).what, StartsWith("5 rows checked, 1 thread"));
  write_text(folder.path() / "3.png", "no image");
  CHECK_THROWS_WITH(RowCheckBench(folder.options).run(0), Contains("line 5"));
}

TEST_CASE("fields are overridden without a config too") {
  DataBenchOptions options;
  options.images = "labels.csv";
  options.overrides = {"model.alpha=0.5"};
  CHECK(data_bench_config(options).model.alpha == 0.5);
  options.overrides = {"model.alhpa=0.5"};
  CHECK_THROWS_WITH(data_bench_config(options), Contains("did you mean alpha?"));
}
