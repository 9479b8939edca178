// The images that flow_from_dataframe gives.

#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <iterator>
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

/// A JPEG that a camera held on its side would have made (EXIF orientation 6).
void write_turned_jpeg(const std::filesystem::path& path, int size) {
  write_random_image(path, size, size, 5);
  std::ifstream stream(path, std::ios::binary);
  const std::string jpeg{std::istreambuf_iterator<char>(stream), {}};
  const std::string exif(
      "\xFF\xE1\0\x22"
      "Exif\0\0"
      "MM\0\x2A\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0",
      36);
  write_text(path, jpeg.substr(0, 2) + exif + jpeg.substr(2));
}

TEST_CASE("JPEGs are decoded at their full size and not turned, as in Keras") {
  const LabelledFolder folder(1);
  write_turned_jpeg(folder.path() / "turned.jpg", 256);
  DataFrame frame;
  frame.add_column("filename", std::vector<std::string>{"turned.jpg"});
  frame.add_column("angle", std::vector<double>{0});
  const auto images =
      ImageDataGenerator().flow_from_dataframe(frame, plain_flow(folder)).next().images;
  const cv::Mat bgr = cv::imread((folder.path() / "turned.jpg").string(),
                                 cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  const auto full =
      torch::from_blob(bgr.data, {256, 256, 3}, torch::kByte).flip(2).to(torch::kFloat);
  const auto nearest = full.slice(0, 4, 256, 8).slice(1, 4, 256, 8);
  CHECK((images[0] - nearest).abs().mean().item<float>() < 2);  // decoders round differently
}

TEST_CASE("seed and place in the pass decide how an image is transformed") {
  const LabelledFolder folder(1);
  DataFrame frame;
  frame.add_column("filename", std::vector<std::string>(8, "images/0.png"));
  frame.add_column("angle", std::vector<double>(8, 0.0));
  FlowOptions flow = plain_flow(folder);
  auto iterator = ImageDataGenerator(augmenting()).flow_from_dataframe(frame, flow);
  const auto first = iterator.next().images;
  CHECK_FALSE(torch::equal(iterator.next().images, first));
  CHECK_FALSE(torch::equal(iterator.next().images, first));  // of the next pass
  flow.seed = 2;
  auto other = ImageDataGenerator(augmenting()).flow_from_dataframe(frame, flow);
  CHECK_FALSE(torch::equal(other.next().images, first));
}

TEST_CASE("flows fill and interpolate as their generator says") {
  const LabelledFolder folder(2);
  std::vector<torch::Tensor> results;
  const auto add = [&](FillMode mode, double cval, int order) {
    Options options = augmenting();
    options.brightness_range.reset();
    options.fill_mode = mode;
    options.cval = cval;
    options.interpolation_order = order;
    results.push_back(ImageDataGenerator(options)
                          .flow_from_dataframe(frame_of(folder), plain_flow(folder))
                          .next()
                          .images);
  };
  add(FillMode::kNearest, 0, 1);
  add(FillMode::kWrap, 0, 1);
  add(FillMode::kConstant, 0, 1);
  add(FillMode::kConstant, 9, 1);
  add(FillMode::kNearest, 0, 3);
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK_FALSE(torch::equal(results[i], results[k]));
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
  options.preprocessing_function = [](torch::Tensor x) { return x * x; };
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
  CHECK(torch::equal(pixels, (shifted / shifted.max() * 255).floor()));
  CHECK(pixels.max().item<float>() == 255);
  CHECK(pixels.min().item<float>() == 0);
}

}  // namespace
}  // namespace mobireg
