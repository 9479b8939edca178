// flow_from_dataframe against real tf.keras 2.15.1 (scripts/reference/keras_generator.py).

#include <torch/types.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "data/flows.h"
#include "fixture.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;
using Options = ImageDataGeneratorOptions;

/// The rows of one of the fixture's flows.
DataFrame frame_of(const json& keras) {
  const int rows = keras["rows"];
  const auto missing = keras["missing"].get<std::vector<int>>();
  std::vector<std::string> filenames;
  std::vector<double> angles, others, weights;
  for (int i = 0; i < rows; ++i) {
    const bool is_missing = std::find(missing.begin(), missing.end(), i) != missing.end();
    filenames.push_back("images/" + (is_missing ? "missing" : std::to_string(i)) + ".png");
    angles.push_back(i);
    others.push_back(-i);
    weights.push_back(1 + i / 8.0);
  }
  DataFrame frame;
  frame.add_column("filename", filenames);
  frame.add_column("angle", angles);
  frame.add_column("other", others);
  frame.add_column("weight", weights);
  return frame;
}

TEST_CASE("subsets, batches, labels and weights are Keras's, missing files or not") {
  const LabelledFolder folder(13, 8);
  const json flows = read_fixture("keras_generator.json")["flows"];
  REQUIRE(flows.size() == 6);
  for (const json& keras : flows) {
    Options options;
    options.validation_split = keras["split"];
    FlowOptions flow = plain_flow(folder);
    flow.y_col = {"angle", "other"};
    flow.weight_col = "weight";
    flow.target_size = 8;
    flow.batch_size = keras["batch_size"];
    for (const auto& [name, subset] :
         {std::pair{"all", Subset::kNone}, std::pair{"training", Subset::kTraining},
          std::pair{"validation", Subset::kValidation}}) {
      INFO(keras["rows"] << " rows, split " << keras["split"] << ", " << name);
      const json& expected = keras[name];
      flow.subset = subset;
      const ImageDataGenerator generator(options);
      if (expected["n"] == 0) {
        CHECK_THROWS_WITH(generator.flow_from_dataframe(frame_of(keras), flow),
                          "data frame: the flow has no rows: of 7 rows 7 are valid; "
                          "validation_split is 0");
        continue;
      }
      auto iterator = generator.flow_from_dataframe(frame_of(keras), flow);
      CHECK(iterator.n() == expected["n"]);
      CHECK(iterator.size() == expected["size"]);
      CHECK(iterator.dataset().size() == iterator.n());
      for (std::size_t i = 0; i < expected["labels"].size(); ++i) {
        const Batch batch = iterator.next();
        const auto labels = expected["labels"][i].get<Numbers>();
        CHECK(numbers_of(batch.targets.select(1, 0)) == labels);
        CHECK(numbers_of(-batch.targets.select(1, 1)) == labels);
        CHECK(numbers_of(batch.weights) == expected["weights"][i].get<Numbers>());
        CHECK(batch.images.size(0) == batch.targets.size(0));
      }
    }
  }
}

TEST_CASE("one seed gives the same batches with any number of threads, another seed others") {
  const LabelledFolder folder(10);
  FlowOptions flow = plain_flow(folder);
  flow.shuffle = true;
  const ImageDataGenerator generator(augmenting());
  const DataFrame frame = frame_of(folder);
  auto first = generator.flow_from_dataframe(frame, flow);
  flow.threads = 3;
  auto second = generator.flow_from_dataframe(frame, flow);
  flow.seed = 2;
  auto third = generator.flow_from_dataframe(frame, flow);
  for (int i = 0; i < 7; ++i) {
    const Batch a = first.next();
    const Batch b = second.next();
    CHECK(a.rows == b.rows);
    CHECK(torch::equal(a.images, b.images));
    CHECK(torch::equal(a.targets, b.targets));
    CHECK_FALSE(third.next().rows == a.rows);
  }
}

TEST_CASE("every pass has each row once, shuffled anew") {
  const LabelledFolder folder(9);
  FlowOptions flow = plain_flow(folder);
  flow.shuffle = true;
  auto iterator = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
  CHECK(iterator.size() == 3);
  std::vector<Numbers> passes;
  for (int pass = 0; pass < 3; ++pass) {
    passes.push_back(labels_of_pass(iterator));
    Numbers sorted = passes.back();
    CHECK_FALSE(std::is_sorted(sorted.begin(), sorted.end()));
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8});
  }
  CHECK(passes[0] != passes[1]);
  CHECK(passes[1] != passes[2]);
}

TEST_CASE("reset begins a new pass, once") {
  const LabelledFolder folder(9);
  FlowOptions flow = plain_flow(folder);
  flow.shuffle = true;
  auto whole = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
  labels_of_pass(whole);
  const Numbers second_pass = labels_of_pass(whole);
  auto iterator = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
  iterator.reset();
  iterator.next();
  iterator.reset();
  iterator.reset();
  CHECK(labels_of_pass(iterator) == second_pass);
}

TEST_CASE("weights of 1 are given where there is a weight column") {
  const LabelledFolder folder(3);
  DataFrame frame = frame_of(folder);
  frame.add_column("w", std::vector<double>{1, 1, 1});
  FlowOptions flow = plain_flow(folder);
  flow.weight_col = "w";
  const auto batch = ImageDataGenerator().flow_from_dataframe(frame, flow).next();
  REQUIRE(batch.weights.defined());
  CHECK(numbers_of(batch.weights) == Numbers{1, 1, 1});
}

/// Rows 1 (missing file), 2 (no image), 4 (no label) of 6 are invalid.
DataFrame frame_with_bad_rows(const LabelledFolder& folder) {
  write_text(folder.path() / "images/2.png", "no image");
  std::filesystem::remove(folder.path() / "images/1.png");
  std::string csv = "filename,angle\n";
  for (int i = 0; i < 6; ++i) {
    csv += "images/" + std::to_string(i) + ".png," + (i == 4 ? "none" : std::to_string(i)) + "\n";
  }
  return DataFrame::from_string(csv, (folder.path() / "bad.csv").string());
}

TEST_CASE("invalid rows are left out and told, or an error where they are not to be validated") {
  const LabelledFolder folder(6);
  const DataFrame frame = frame_with_bad_rows(folder);
  FlowOptions flow = plain_flow(folder);
  std::vector<std::string> warnings;
  flow.warn = [&](const std::string& warning) { warnings.push_back(warning); };
  auto iterator = ImageDataGenerator().flow_from_dataframe(frame, flow);
  CHECK(labels_of_pass(iterator) == Numbers{0, 3, 5});
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::Contains("bad.csv: left out 3 of 6 rows, the first of them") &&
                              Catch::Contains("line 3: ") && Catch::Contains("images/1.png"));
  flow.validate_filenames = false;
  CHECK_THROWS_AS(ImageDataGenerator().flow_from_dataframe(frame, flow), Error);
}

TEST_CASE("an image that only decoding shows to be bad is left out in memory") {
  const LabelledFolder folder(4);
  const auto path = folder.path() / "images/2.png";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  FlowOptions flow = plain_flow(folder);
  flow.mode = ImageMode::kMemory;
  int warnings = 0;
  flow.warn = [&](const std::string&) { ++warnings; };
  auto iterator = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
  CHECK(labels_of_pass(iterator) == Numbers{0, 1, 3});
  CHECK(warnings == 1);
  flow.mode = ImageMode::kStream;
  auto stream = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
  CHECK(stream.n() == 4);
  CHECK_THROWS_WITH(stream.next(), Catch::Contains("2.png"));
}

TEST_CASE("several threads that take batches share the rows of each pass") {
  const LabelledFolder folder(10);
  FlowOptions flow = plain_flow(folder);
  flow.shuffle = true;
  auto iterator = ImageDataGenerator(augmenting()).flow_from_dataframe(frame_of(folder), flow);
  std::vector<std::vector<std::int64_t>> rows(4);
  std::vector<std::thread> threads;
  for (auto& seen : rows) {
    threads.emplace_back([&] {
      for (int i = 0; i < 6; ++i) {
        for (const std::int64_t row : iterator.next().rows) seen.push_back(row);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> times(10);
  for (const auto& seen : rows) {
    for (const std::int64_t row : seen) ++times[static_cast<std::size_t>(row)];
  }
  CHECK(times == std::vector<int>(10, 8));  // 24 batches are 8 passes
}

TEST_CASE("a flow of invalid rows alone is refused") {
  DataFrame frame;
  frame.add_column("filename", std::vector<std::string>{"no such file.png"});
  frame.add_column("angle", std::vector<double>{1});
  FlowOptions flow;
  flow.y_col = {"angle"};
  CHECK_THROWS_WITH(
      ImageDataGenerator().flow_from_dataframe(frame, flow),
      "data frame: the flow has no rows: of 1 rows 0 are valid; validation_split is 0");
}

TEST_CASE("the folder of the data frame's file is the directory where none is given") {
  const LabelledFolder folder(2);
  FlowOptions flow = plain_flow(folder);
  flow.directory.clear();
  CHECK(ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow).n() == 2);
}

TEST_CASE("an iterator outlives the generator, and can be moved") {
  const LabelledFolder folder(2);
  auto generator = std::make_unique<ImageDataGenerator>();
  auto iterator = generator->flow_from_dataframe(frame_of(folder), plain_flow(folder));
  generator.reset();
  DataFrameIterator moved = std::move(iterator);
  CHECK(numbers_of(moved.next().targets) == Numbers{0, 1});
}

TEST_CASE("flow options out of range, and columns that are not there, are refused") {
  const LabelledFolder folder(2);
  const std::vector<std::pair<std::function<void(FlowOptions&)>, std::string>> cases{
      {[](FlowOptions& o) { o.y_col.clear(); }, "y_col names no column"},
      {[](FlowOptions& o) { o.target_size = 0; }, "target_size is 0; it must be 1 to 4096"},
      {[](FlowOptions& o) { o.batch_size = 0; }, "batch_size is 0; it must be 1 or more"},
      {[](FlowOptions& o) { o.threads = -1; }, "threads is -1; it must be 0 or more"},
      {[](FlowOptions& o) { o.x_col = "file"; }, "file"},
      {[](FlowOptions& o) { o.y_col = {"angel"}; }, "angle"},
      {[](FlowOptions& o) { o.weight_col = "weight"; }, "weight"},
  };
  for (const auto& [set, message] : cases) {
    FlowOptions flow = plain_flow(folder);
    set(flow);
    CHECK_THROWS_WITH(ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow),
                      Catch::Contains(message));
  }
}

}  // namespace
}  // namespace mobireg
