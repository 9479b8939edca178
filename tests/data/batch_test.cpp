#include "mobireg/data/batch.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "data/batch_sources.h"
#include "data/labelled_folder.h"
#include "mobireg/data/prefetcher.h"

namespace mobireg {
namespace {

Rows rows_of_pass(const BatchSource& source, std::int64_t pass) {
  Rows rows;
  const std::int64_t batches = source.batches_per_pass();
  for (std::int64_t step = pass * batches; step < (pass + 1) * batches; ++step) {
    const Batch batch = source.get(step);
    rows.insert(rows.end(), batch.rows.begin(), batch.rows.end());
  }
  return rows;
}

Rows first_numbers(std::int64_t n) {
  Rows rows;
  for (std::int64_t i = 0; i < n; ++i) rows.push_back(i);
  return rows;
}

TEST_CASE("a batch holds normalised images, targets and row numbers") {
  LabelledFolder folder(4);
  folder.model.input.mean = {123, 100, 80};
  folder.model.input.scale = {58, 50, 40};
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.batch_size = 2;
  const Batch batch = source_of(dataset, options).get(0);
  CHECK(batch.rows == Rows{0, 1});
  CHECK(torch::equal(batch.targets, torch::tensor({{0.0F}, {1.0F}})));
  REQUIRE(batch.images.sizes() == torch::IntArrayRef({2, 3, 32, 32}));
  CHECK(batch.images.scalar_type() == torch::kFloat);
  const Image image = dataset.input_image(1);
  const auto pixels = torch::tensor(image.pixels).view({32, 32, 3}).to(torch::kFloat);
  const auto expected =
      (pixels - torch::tensor({123.0F, 100.0F, 80.0F})) / torch::tensor({58.0F, 50.0F, 40.0F});
  CHECK(torch::equal(batch.images[1], expected.permute({2, 0, 1})));
}

TEST_CASE("images lie in channels-last memory") {
  LabelledFolder folder(2);
  if (GENERATE(true, false)) {
    folder.model.input.color_mode = ColorMode::kGrayscale;
    folder.model.input.mean = {123};
    folder.model.input.scale = {58};
  }
  const ImageRegressionDataset dataset = folder.open().train;
  const Batch batch = source_of(dataset).get(0);
  CHECK(batch.images.size(1) == dataset.input().channels());
  CHECK(batch.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST_CASE("without shuffling rows come in the order of the CSV, pass after pass") {
  const LabelledFolder folder(7);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.batch_size = 3;
  options.shuffle = false;
  const BatchSource source = source_of(dataset, options);
  // The seventh row joins the second batch.
  CHECK(source.batches_per_pass() == 2);
  CHECK(rows_of_pass(source, 0) == first_numbers(7));
  CHECK(rows_of_pass(source, 1) == first_numbers(7));
}

TEST_CASE("a pass covers every row once, and passes differ in order") {
  const LabelledFolder folder(20);
  const ImageRegressionDataset dataset = folder.open().train;
  const BatchSource source = source_of(dataset, shuffled(6));
  const Rows first = rows_of_pass(source, 0);
  const Rows second = rows_of_pass(source, 1);
  CHECK(first != second);
  CHECK(first != first_numbers(20));
  for (Rows rows : {first, second}) {
    std::sort(rows.begin(), rows.end());
    CHECK(rows == first_numbers(20));
  }
}

TEST_CASE("a last batch of one image joins the batch before it") {
  const auto [rows, batch_size, sizes] = GENERATE(table<int, int, Rows>(
      {{6, 3, {3, 3}}, {7, 3, {3, 4}}, {8, 3, {3, 3, 2}}, {4, 3, {4}}, {2, 3, {2}}, {3, 2, {3}}}));
  const LabelledFolder folder(rows);
  const ImageRegressionDataset dataset = folder.open().train;
  const BatchSource source = source_of(dataset, shuffled(batch_size));
  REQUIRE(source.batches_per_pass() == static_cast<std::int64_t>(sizes.size()));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    CHECK(source.get(static_cast<std::int64_t>(i)).images.size(0) == sizes[i]);
  }
}

TEST_CASE("a batch is a function of the seed and the step") {
  const LabelledFolder folder(9);
  const ImageRegressionDataset dataset = folder.open().train;
  const BatchSource source = source_of(dataset, shuffled(4));
  const BatchSource again = source_of(dataset, shuffled(4));
  const BatchSource other = source_of(dataset, shuffled(4, 2));
  for (const std::int64_t step : {5, 0, 3, 1, 5}) {
    CHECK(same_batch(source.get(step), again.get(step)));
    CHECK_FALSE(same_batch(source.get(step), other.get(step)));
  }
}

TEST_CASE("the seed decides the augmentation, not only the order") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options = shuffled(2, 1);
  options.shuffle = false;
  const Batch batch = source_of(dataset, options).get(0);
  options.seed = 2;
  CHECK_FALSE(torch::equal(source_of(dataset, options).get(0).images, batch.images));
}

TEST_CASE("each pass augments an image anew") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options = shuffled(2);
  options.shuffle = false;
  const BatchSource source = source_of(dataset, options);
  CHECK_FALSE(torch::equal(source.get(0).images, source.get(1).images));
  options.augment = false;
  const BatchSource plain = source_of(dataset, options);
  CHECK(torch::equal(plain.get(0).images, plain.get(1).images));
}

TEST_CASE("images in memory and streamed images give the same batches") {
  LabelledFolder folder(6, 48);
  folder.data.mode = ImageMode::kMemory;
  const ImageRegressionDataset kept = folder.open().train;
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset streamed = folder.open().train;
  for (std::int64_t step = 0; step < 4; ++step) {
    CHECK(same_batch(source_of(kept, shuffled(4)).get(step),
                     source_of(streamed, shuffled(4)).get(step)));
  }
}

TEST_CASE("a batch made on all compute threads is the same, also where images are left out") {
  LabelledFolder folder(9);
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset dataset = folder.open().train;
  std::filesystem::remove(folder.path() / "images/3.png");
  BatchOptions options = shuffled(9);
  options.skip_bad_images = true;
  const BatchSource source = source_of(dataset, options);
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const Batch parallel = source.get(0, true);
  at::set_num_threads(before);
  CHECK(parallel.rows.size() == 8);
  CHECK(same_batch(parallel, source.get(0)));
  CHECK(parallel.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST_CASE("the number of workers does not change the batches") {
  const LabelledFolder folder(11);
  const ImageRegressionDataset dataset = folder.open().train;
  const BatchSource source = source_of(dataset, shuffled(4));
  const int workers = GENERATE(1, 2, 8);
  const int depth = GENERATE(1, 5);
  Prefetcher loader([&](std::int64_t step) { return source.get(step); }, {2, 20, workers, depth});
  for (std::int64_t step = 2; step < 20; ++step) {
    REQUIRE(same_batch(loader.next(), source.get(step)));
  }
}

TEST_CASE("an unreadable image arrives as an error that names its row") {
  LabelledFolder folder(4);
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset dataset = folder.open().train;
  std::filesystem::remove(folder.path() / "images/3.png");
  BatchOptions options;
  options.batch_size = 2;
  const BatchSource source = source_of(dataset, options);
  Prefetcher loader([&](std::int64_t step) { return source.get(step); }, {0, 2, 2, 2});
  CHECK(loader.next().rows == Rows{0, 1});
  CHECK_THROWS_WITH(loader.next(), Catch::StartsWith(folder.csv_path().string() + ":5: "));
}

TEST_CASE("an unreadable image is left out with a warning where that is asked for") {
  LabelledFolder folder(4);
  folder.data.mode = ImageMode::kStream;
  const ImageRegressionDataset dataset = folder.open().train;
  std::filesystem::remove(folder.path() / "images/3.png");
  BatchOptions options;
  options.batch_size = 2;
  options.skip_bad_images = true;
  std::vector<std::string> warnings;
  options.warn = [&](const std::string& text) { warnings.push_back(text); };
  const BatchSource source = source_of(dataset, options);
  CHECK(source.get(0).rows == Rows{0, 1});
  CHECK(warnings.empty());
  const Batch batch = source.get(1);
  CHECK(batch.rows == Rows{2});
  CHECK(batch.images.size(0) == 1);
  CHECK(torch::equal(batch.targets, torch::tensor({{2.0F}})));
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::StartsWith("left out: " + folder.csv_path().string() + ":5: "));
  std::filesystem::remove(folder.path() / "images/2.png");
  CHECK_THROWS_WITH(source.get(1), "none of a batch's 2 images can be read");
}

TEST_CASE("missing labels and weights are told, and only where there are any") {
  LabelledFolder folder(4);
  const ImageRegressionDataset plain = folder.open().train;
  CHECK_FALSE(source_of(plain).get(0).present.defined());
  CHECK_FALSE(source_of(plain).get(0).weights.defined());

  DataConfig data;
  data.sets = {folder.data, folder.data};
  data.sets[0].missing = {"angle"};
  data.sets[0].y_col = {};
  data.sets[1].weight = 0.5;
  ModelConfig model = folder.model;
  model.outputs = {{"angle", Unit::kDegrees}, {"size", Unit::kNone}};
  data.sets[0].y_col = {"angle"};  // as the size
  data.sets[1].missing = {"size"};
  model.heads.clear();
  model = resolve_config(model);
  const ImageRegressionDataset mixed = open_datasets(data, model, 1).train;
  BatchOptions options;
  options.batch_size = 8;
  const Batch batch = source_of(mixed, options).get(0);
  REQUIRE(batch.targets.sizes() == torch::IntArrayRef({8, 2}));
  CHECK(torch::equal(batch.targets[3], torch::tensor({0.0F, 3.0F})));
  CHECK(torch::equal(batch.present[3], torch::tensor({0.0F, 1.0F})));
  CHECK(torch::equal(batch.targets[7], torch::tensor({3.0F, 0.0F})));
  CHECK(torch::equal(batch.present[7], torch::tensor({1.0F, 0.0F})));
  CHECK(batch.weights[3].item<float>() == 1);
  CHECK(batch.weights[7].item<float>() == 0.5);
}

}  // namespace
}  // namespace mobireg
