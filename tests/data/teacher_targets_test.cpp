// Batches with what teachers said, and with the plain view beside the augmented one.

#include <fmt/format.h>
#include <torch/types.h>

#include <catch2/catch.hpp>

#include "augmentation/geometry.h"
#include "data/batch_sources.h"
#include "data/labelled_folder.h"

namespace mobireg {
namespace {

/// Rows with a pose, two points and a box each.
struct PosedFolder : LabelledFolder {
  explicit PosedFolder(int rows) : LabelledFolder(rows, 60) {
    std::string csv = "filename,pitch,yaw,roll,x0,x1,y0,y1,left,top,right,bottom\n";
    for (int i = 0; i < rows; ++i) {
      csv += fmt::format("images/{}.png,{},{},{},0.3,0.6,0.4,{},10,12,40,45\n", i, i, 2 * i - 5,
                         7 - i, 0.5 + 0.01 * i);
    }
    write_text(csv_path(), csv);
    model.outputs = {{"pitch", Unit::kDegrees},
                     {"yaw", Unit::kDegrees},
                     {"roll", Unit::kDegrees},
                     {"x{0..1}", Unit::kImage},
                     {"y{0..1}", Unit::kImage}};
    model.heads.clear();
    model.mirror_map = {1, 0};
    model = resolve_config(model);
    data.y_col = {"pitch", "yaw", "roll", "x0", "x1", "y0", "y1"};
    data.box = {"left", "top", "right", "bottom"};
    data.crop_margin = {0.1, 0.4};
  }

  BatchSource source(const ImageRegressionDataset& dataset, const BatchOptions& options) const {
    return {dataset, model, std::make_shared<const Standardizer>(dataset.input()), options};
  }
};

BatchOptions moving(int batch_size) {
  BatchOptions options = shuffled(batch_size);
  options.augmentation.horizontal_flip = true;
  options.augmentation.width_shift_range = ShiftRange::uniform(0.1);
  options.augmentation.zoom_range = {0.9, 1.1};
  return options;
}

at::Tensor labels_of(const ImageRegressionDataset& dataset) {
  std::vector<at::Tensor> rows;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    rows.push_back(torch::tensor(dataset.row(i).targets));
  }
  return torch::stack(rows);
}

TEST_CASE("what teachers said moves with crop and augmentation as the labels do") {
  const PosedFolder folder(12);
  const Datasets sets = folder.open();
  BatchOptions options = moving(5);
  options.teacher_targets = labels_of(sets.train);
  for (const bool augment : {true, false}) {
    options.augment = augment;
    const BatchSource source = folder.source(sets.train, options);
    for (std::int64_t step = 0; step < 4; ++step) {
      const Batch batch = source.get(step, /*in_parallel=*/true);
      CHECK(torch::equal(batch.teacher_targets, batch.targets));
    }
  }
  options.teacher_targets = at::Tensor();
  CHECK(!folder.source(sets.train, options).get(0).teacher_targets.defined());
}

TEST_CASE("a flip negates the teacher's yaw") {
  const PosedFolder folder(8);
  const Datasets sets = folder.open();
  BatchOptions options;
  options.augment = true;
  options.augmentation.horizontal_flip = true;
  options.batch_size = 8;
  options.teacher_targets = torch::full({8, 7}, 20.0);
  const at::Tensor yaws = folder.source(sets.train, options).get(0).teacher_targets.select(1, 1);
  CHECK(yaws.abs().eq(20).all().item<bool>());
  CHECK(yaws.lt(0).any().item<bool>());
  CHECK(yaws.gt(0).any().item<bool>());
}

TEST_CASE("teachers' targets of a row whose own label is missing are there") {
  PosedFolder folder(4);
  folder.data.missing = {"pitch", "yaw", "roll"};
  folder.data.y_col = {"x0", "x1", "y0", "y1"};
  const Datasets sets = folder.open();
  BatchOptions options = moving(4);
  options.teacher_targets = torch::full({4, 7}, 0.5);
  const Batch batch = folder.source(sets.train, options).get(0);
  CHECK(batch.present.sum().item<double>() == 16);
  CHECK(batch.teacher_targets.isfinite().all().item<bool>());
}

TEST_CASE("the plain view is what evaluation sees; the augmented one stays as it was") {
  const PosedFolder folder(6);
  const Datasets sets = folder.open();
  BatchOptions options = moving(6);
  const Batch alone = folder.source(sets.train, options).get(1);
  options.plain_view = true;
  options.geometry = true;
  const Batch batch = folder.source(sets.train, options).get(1);
  CHECK(same_batch(alone, batch));
  CHECK(!alone.plain_images.defined());
  const BatchSource evaluation = folder.source(sets.train, {});
  const Batch all = evaluation.get(0);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    CHECK(
        torch::equal(batch.plain_images[static_cast<std::int64_t>(i)], all.images[batch.rows[i]]));
  }
}

TEST_CASE("the geometry takes labels of the plain view to those of the augmented one") {
  const PosedFolder folder(6);
  const Datasets sets = folder.open();
  BatchOptions options = moving(6);
  options.plain_view = true;
  options.geometry = true;
  const Batch batch = folder.source(sets.train, options).get(2);
  const LabelTransform labels(folder.model);
  for (std::int64_t i = 0; i < 6; ++i) {
    std::vector<float> targets = sets.train.input_targets(batch.rows[static_cast<std::size_t>(i)]);
    const double* g = batch.geometry.data_ptr<double>() + 6 * i;
    labels.apply({g[0], g[1], g[2], g[3], g[4], g[5]}, 32, targets.data());
    CHECK(torch::allclose(torch::tensor(targets), batch.targets[i], 1e-4, 1e-5));
  }
}

TEST_CASE("images left out of a batch leave its teachers' targets and plain views too") {
  PosedFolder folder(5);
  folder.data.mode = ImageMode::kStream;
  folder.data.validate_filenames = false;
  folder.data.box.clear();
  folder.data.crop_margin = {};
  const Datasets sets = folder.open();
  std::filesystem::remove(folder.path() / "images/2.png");
  BatchOptions options;
  options.batch_size = 5;
  options.skip_bad_images = true;
  options.plain_view = true;
  options.geometry = true;
  options.teacher_targets = torch::arange(5.0F).view({5, 1}).repeat({1, 7});
  const Batch batch = folder.source(sets.train, options).get(0);
  CHECK(batch.rows == Rows{0, 1, 3, 4});
  CHECK(torch::equal(batch.teacher_targets.select(1, 0), torch::tensor({0.0F, 1.0F, 3.0F, 4.0F})));
  CHECK(torch::equal(batch.plain_images, batch.images));
  CHECK(batch.plain_images.is_contiguous(at::MemoryFormat::ChannelsLast));
  CHECK(batch.geometry.sizes() == at::IntArrayRef({4, 6}));
}

TEST_CASE("rows seen by another network are the same rows at its size and colours") {
  const PosedFolder folder(3);
  const Datasets sets = folder.open();
  InputConfig grey = folder.model.input;
  grey.size = 96;
  grey.color_mode = ColorMode::kGrayscale;
  const ImageRegressionDataset seen = sets.train.as_seen_by(grey, 0.2);
  CHECK(seen.size() == 3);
  CHECK(seen.fingerprint() == sets.train.fingerprint());
  const Image image = seen.input_image(1);
  CHECK(image.width == 96);
  CHECK(image.channels == 1);
  std::vector<float> middle = sets.train.row(1).targets;
  seen.to_input(1, middle.data());
  // The box is 30 x 33 about (25, 28.5): a square of 33 and 0.2 of it more each way, of 46.2.
  CHECK(middle[3] == Approx((0.3 * 60 - (25 - 23.1)) / 46.2));
  seen.from_input(1, middle.data());
  CHECK(middle[3] == Approx(0.3));
  CHECK(sets.train.file(1) == folder.path() / "images/1.png");
}

}  // namespace
}  // namespace mobireg
