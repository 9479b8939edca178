// The images that flow_from_dataframe gives.

#include <torch/types.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "data/flows.h"

namespace mobireg {
namespace {

using Options = ImageDataGeneratorOptions;

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

}  // namespace
}  // namespace mobireg
