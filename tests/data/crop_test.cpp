// Faces cut out of larger images by a box and a margin.

#include <catch2/catch.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "data/image_store.h"
#include "data/labelled_folder.h"
#include "mobireg/core/error.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

/// Images of 200x160 whose red is x and whose green is y, and a box in each.
struct BoxedFolder {
  TemporaryFolder folder;
  DataConfig data;
  ModelConfig model;

  explicit BoxedFolder(const std::string& box, int rows = 4) {
    cv::Mat image(160, 200, CV_8UC3);
    for (int y = 0; y < image.rows; ++y) {
      for (int x = 0; x < image.cols; ++x) {
        image.at<cv::Vec3b>(y, x) = {0, static_cast<uchar>(y), static_cast<uchar>(x)};  // BGR
      }
    }
    cv::imwrite((folder.path() / "a.png").string(), image);
    std::string csv = "filename,x0,y0,left,top,right,bottom\n";
    for (int i = 0; i < rows; ++i) csv += "a.png,0.5,0.5," + box + "\n";
    write_text(folder.path() / "l.csv", csv);
    data.csv = folder.path() / "l.csv";
    data.directory = folder.path();
    data.y_col = {"x0", "y0"};
    data.box = {"left", "top", "right", "bottom"};
    data.validation.rule = SplitRule::kNone;
    model.outputs = {{"x0", Unit::kImage}, {"y0", Unit::kImage}};
    model.input.size = 32;
    model.input.interpolation = Interpolation::kBilinear;
    model = resolve_config(model);
  }

  Datasets open() const { return open_datasets(data, model, 1); }
};

/// Where in the file the middle of pixel (x, y) of an input image lies.
cv::Point2d place_of(const Image& image, int x, int y) {
  const std::uint8_t* pixel = &image.pixels[static_cast<std::size_t>(y * image.width + x) * 3];
  return {pixel[0] + 0.5, pixel[1] + 0.5};
}

TEST_CASE("the crop is the square about the box with its margin each way") {
  BoxedFolder boxed("60,40,100,72");  // 40 wide, so a square of 40 about (80, 56)
  boxed.data.crop_margin = {0.25, 0.25};
  const Image image = boxed.open().train.input_image(0);
  // A side of 60 from (50, 26): 1.875 pixels of the file a pixel.
  CHECK(place_of(image, 0, 0).x == Approx(50 + 0.9375).margin(0.8));
  CHECK(place_of(image, 31, 31).x == Approx(110 - 0.9375).margin(0.8));
  CHECK(place_of(image, 0, 0).y == Approx(26 + 0.9375).margin(0.8));
  CHECK(place_of(image, 31, 31).y == Approx(86 - 0.9375).margin(0.8));
}

TEST_CASE("coordinates follow the crop") {
  BoxedFolder boxed("60,40,100,72");
  boxed.data.crop_margin = {0.25, 0.25};
  const std::vector<float> targets = boxed.open().train.input_targets(0);
  CHECK(targets[0] == Approx((100.0 - 50) / 60));  // the middle of the 200x160 image
  CHECK(targets[1] == Approx((80.0 - 26) / 60));
}

TEST_CASE("a crop that leaves the image repeats its border") {
  BoxedFolder boxed("0,0,40,40");
  boxed.data.crop_margin = {0.5, 0.5};
  const Image image = boxed.open().train.input_image(0);
  CHECK(place_of(image, 0, 0).x == 0.5);
  CHECK(place_of(image, 2, 2).y == 0.5);
  CHECK(place_of(image, 31, 0).x == Approx(60 - 1.25).margin(0.8));
}

TEST_CASE("memory keeps the largest margin where the smallest crop reaches the input's size") {
  BoxedFolder boxed("60,40,100,80");
  boxed.data.crop_margin = {0, 0.5};
  boxed.data.test = {SplitRule::kFirstFraction, 0.5};
  const Datasets sets = boxed.open();
  const StoredImage stored = sets.train.image(0);
  CHECK(stored.side == 64);
  CHECK(stored.square.side == Approx(80));
  CHECK(sets.train.crop_margin(0).high == 0.5);
  // Test rows have the middle margin, at exactly the input's size.
  CHECK(sets.test.image(0).side == 32);
  CHECK(sets.test.image(0).square.side == Approx(60));
}

TEST_CASE("training draws margins from the range, and the labels go with the image") {
  BoxedFolder boxed("60,40,100,80", 40);
  boxed.data.crop_margin = {0, 0.5};
  const ImageRegressionDataset dataset = boxed.open().train;
  BatchOptions options;
  options.augment = true;
  options.augmentation.rotation_range = GENERATE(0, 10);
  const BatchSource source(dataset, boxed.model,
                           std::make_shared<const Standardizer>(boxed.model.input), options);
  float lowest = 1, highest = 0;
  for (std::int64_t row = 0; row < dataset.size(); ++row) {
    const Sample sample = source.sample(row, 0, row);
    // The pixel under the label shows the file's middle, (100, 80).
    const auto x = static_cast<std::size_t>(sample.targets[0] * 32);
    const auto y = static_cast<std::size_t>(sample.targets[1] * 32);
    if (x < 32 && y < 32) {
      const float* pixel = &sample.pixels[(y * 32 + x) * 3];
      CHECK(pixel[0] + 0.5 == Approx(100).margin(2.6));
      CHECK(pixel[1] + 0.5 == Approx(80).margin(2.6));
    }
    lowest = std::min(lowest, sample.targets[0]);
    highest = std::max(highest, sample.targets[0]);
  }
  CHECK(highest - lowest > 0.15);  // 1 without a margin, 0.75 with the largest one
  CHECK(source.sample(3, 1, 2).targets == source.sample(3, 1, 2).targets);
}

TEST_CASE("boxes that are none are refused with their line") {
  const std::string box = GENERATE("10,10,10,20", "30,10,20,20", "a,0,10,10", "0,0,inf,10");
  const BoxedFolder boxed(box, 2);
  CHECK_THROWS_WITH(boxed.open(),
                    Catch::Contains("none of its 2 rows can be used; line 2: the box"));
}

}  // namespace
}  // namespace mobireg
