// flow_from_dataframe against real tf.keras 2.15.1 (scripts/reference/keras_generator.py).

#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "data/labelled_folder.h"
#include "fixture.h"
#include "mobireg/core/error.h"
#include "mobireg/data/image_data_generator.h"

namespace mobireg {
namespace {

using nlohmann::json;
using Options = ImageDataGeneratorOptions;
using Numbers = std::vector<float>;

DataFrame frame_of(const LabelledFolder& folder) { return DataFrame::read_csv(folder.csv_path()); }

/// In order, the images as they are.
FlowOptions plain_flow(const LabelledFolder& folder) {
  FlowOptions flow;
  flow.directory = folder.path();
  flow.y_col = {"angle"};
  flow.target_size = 32;
  flow.batch_size = 4;
  flow.shuffle = false;
  flow.threads = 1;
  return flow;
}

Numbers numbers_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

Numbers labels_of_pass(DataFrameIterator& iterator) {
  Numbers labels;
  for (std::int64_t i = 0; i < iterator.size(); ++i) {
    for (const float label : numbers_of(iterator.next().targets)) labels.push_back(label);
  }
  return labels;
}

/// The row's image file, RGB.
torch::Tensor pixels_of(const LabelledFolder& folder, int row) {
  const cv::Mat bgr =
      cv::imread((folder.path() / "images" / (std::to_string(row) + ".png")).string());
  return torch::from_blob(bgr.data, {bgr.rows, bgr.cols, 3}, torch::kByte)
      .flip(2)
      .to(torch::kFloat);
}

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

TEST_CASE("images come as they are in their files, in the data format and dtype") {
  const LabelledFolder folder(3);
  for (const auto dtype : {torch::kFloat, torch::kDouble, torch::kHalf}) {
    Options options;
    options.dtype = dtype;
    const auto last = ImageDataGenerator(options)
                          .flow_from_dataframe(frame_of(folder), plain_flow(folder))
                          .next();
    options.data_format = DataFormat::kChannelsFirst;
    const auto first = ImageDataGenerator(options)
                           .flow_from_dataframe(frame_of(folder), plain_flow(folder))
                           .next();
    CHECK(last.images.scalar_type() == dtype);
    CHECK(last.images.sizes() == torch::IntArrayRef({3, 32, 32, 3}));
    CHECK(last.images.is_contiguous());
    CHECK(torch::equal(last.images[1].to(torch::kFloat), pixels_of(folder, 1)));
    CHECK(first.images.scalar_type() == dtype);
    CHECK(first.images.is_contiguous());
    CHECK(torch::equal(first.images, last.images.permute({0, 3, 1, 2})));
    CHECK_FALSE(last.weights.defined());
    CHECK(last.rows == std::vector<std::int64_t>{0, 1, 2});
  }
}

TEST_CASE("target_size, color_mode and interpolation say how images are read") {
  const LabelledFolder folder(1);
  FlowOptions flow = plain_flow(folder);
  const ImageDataGenerator generator;
  const auto image = [&] {
    return generator.flow_from_dataframe(frame_of(folder), flow).next().images;
  };
  flow.target_size = 11;
  const auto nearest = image();
  CHECK(nearest.sizes() == torch::IntArrayRef({1, 11, 11, 3}));
  flow.interpolation = Interpolation::kBilinear;
  CHECK_FALSE(torch::equal(image(), nearest));
  flow.color_mode = ColorMode::kGrayscale;
  CHECK(image().sizes() == torch::IntArrayRef({1, 11, 11, 1}));
  CHECK(FlowOptions{}.target_size == 256);
}

TEST_CASE("raw and other class modes give the same") {
  const LabelledFolder folder(5);
  FlowOptions flow = plain_flow(folder);
  for (const ClassMode mode : {ClassMode::kRaw, ClassMode::kOther}) {
    flow.class_mode = mode;
    auto iterator = ImageDataGenerator().flow_from_dataframe(frame_of(folder), flow);
    CHECK(labels_of_pass(iterator) == Numbers{0, 1, 2, 3, 4});
  }
}

Options augmenting() {
  Options options;
  options.rotation_range = 20;
  options.width_shift_range = ShiftRange::uniform(0.2);
  options.brightness_range = Interval{0.7, 1.3};
  options.horizontal_flip = true;
  return options;
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

TEST_CASE("reset begins a new pass") {
  const LabelledFolder folder(9);
  auto iterator = ImageDataGenerator().flow_from_dataframe(frame_of(folder), plain_flow(folder));
  iterator.next();
  iterator.reset();
  iterator.reset();
  CHECK(labels_of_pass(iterator) == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(numbers_of(iterator.next().targets) == Numbers{0, 1, 2, 3});
}

TEST_CASE("images are transformed, preprocessed and standardised, in this order") {
  const LabelledFolder folder(4);
  Options options;
  options.vertical_flip = true;
  options.rescale = 0.5;
  options.samplewise_center = true;
  options.preprocessing_function = [](torch::Tensor x) {
    x.index_put_({0}, 0);  // the upper row
    return x;
  };
  auto batch =
      ImageDataGenerator(options).flow_from_dataframe(frame_of(folder), plain_flow(folder)).next();
  int flipped = 0;
  for (int row = 0; row < 4; ++row) {
    const auto expected = [&](torch::Tensor x) {
      x[0].zero_();
      x *= 0.5;
      return x - x.mean();
    };
    const auto is = [&](const torch::Tensor& x) {
      return torch::allclose(batch.images[row], expected(x), 0, 1e-3);
    };
    const bool is_flipped = is(pixels_of(folder, row).flip(0));
    CHECK(is_flipped != is(pixels_of(folder, row)));
    flipped += is_flipped;
  }
  CHECK(flipped > 0);
  CHECK(flipped < 4);
}

TEST_CASE("flows use what was fitted, and refuse to begin without it") {
  const LabelledFolder folder(4);
  Options options;
  options.featurewise_center = true;
  ImageDataGenerator generator(options);
  CHECK_THROWS_WITH(generator.flow_from_dataframe(frame_of(folder), plain_flow(folder)),
                    Catch::Contains("need fit() to be called first"));
  generator.fit(torch::full({2, 4, 4, 3}, 100));
  const auto batch = generator.flow_from_dataframe(frame_of(folder), plain_flow(folder)).next();
  CHECK(torch::equal(batch.images[2], pixels_of(folder, 2) - 100));
}

TEST_CASE("labels stay as they are whatever moves the image") {
  const LabelledFolder folder(6);
  auto iterator =
      ImageDataGenerator(augmenting()).flow_from_dataframe(frame_of(folder), plain_flow(folder));
  CHECK(labels_of_pass(iterator) == Numbers{0, 1, 2, 3, 4, 5});
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

TEST_CASE("save_to_dir keeps every image as PNG, stretched to 0 to 255 as in Keras") {
  const LabelledFolder folder(3);
  const TemporaryFolder saved;
  Options options;
  options.rescale = 1 / 255.0;
  FlowOptions flow = plain_flow(folder);
  flow.save_to_dir = saved.path() / "images";
  flow.save_prefix = "seen";
  auto iterator = ImageDataGenerator(options).flow_from_dataframe(frame_of(folder), flow);
  const Batch batch = iterator.next();
  iterator.next();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(flow.save_to_dir)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"seen_0_0.png", "seen_0_1.png", "seen_1_0.png",
                                          "seen_1_1.png", "seen_2_0.png", "seen_2_1.png"});
  const cv::Mat bgr = cv::imread((flow.save_to_dir / "seen_2_0.png").string());
  const auto pixels =
      torch::from_blob(bgr.data, {32, 32, 3}, torch::kByte).flip(2).to(torch::kFloat);
  const auto shifted = batch.images[2] - batch.images[2].min();
  CHECK((pixels - shifted / shifted.max() * 255).abs().max().item<float>() < 1.001F);
  CHECK(pixels.max().item<float>() == 255);
  CHECK(pixels.min().item<float>() == 0);
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
