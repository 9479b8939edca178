#include <torch/types.h>

#include <catch2/catch.hpp>
#include <vector>

#include "augmentation/colour.h"
#include "augmentation/pixel_operations.h"
#include "data/batch_sources.h"
#include "data/labelled_folder.h"
#include "mobireg/augmentation/augmentation.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

TEST_CASE("the preprocessing callback sees augmented pixels before normalisation") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  std::vector<torch::Tensor> seen;
  options.preprocessing = [&](const torch::Tensor& image) {
    seen.push_back(image.clone());
    return 255 - image;
  };
  const Batch batch = source_of(dataset, options).get(0);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].sizes() == torch::IntArrayRef({32, 32, 3}));
  CHECK(seen[0].scalar_type() == torch::kFloat);
  const auto pixels = torch::tensor(dataset.input_image(0).pixels).view({32, 32, 3});
  CHECK(torch::equal(seen[0], pixels.to(torch::kFloat)));
  const auto inverted = (255 - pixels.to(torch::kFloat) - 123) / 58;
  CHECK(torch::allclose(batch.images[0], inverted.permute({2, 0, 1})));
}

TEST_CASE("the preprocessing callback sees an augmented image's colours") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options = shuffled(2);
  const Sample expected = source_of(dataset, options).sample(1, 0, 0);
  options.preprocessing = [&](const torch::Tensor& image) {
    CHECK(torch::equal(image.flatten(), torch::tensor(expected.pixels)));
    return image;
  };
  CHECK(source_of(dataset, options).sample(1, 0, 0).pixels == expected.pixels);
}

TEST_CASE("the preprocessing callback may return any type and memory layout") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.preprocessing = [](const torch::Tensor& image) {
    return image.to(torch::kByte).flip({1}).transpose(0, 1).contiguous().transpose(0, 1);
  };
  const Batch flipped = source_of(dataset, options).get(0);
  CHECK(torch::equal(flipped.images, source_of(dataset).get(0).images.flip({3})));
}

TEST_CASE("a preprocessing callback that changes the shape is refused") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.preprocessing = [](const torch::Tensor& image) { return image.permute({2, 0, 1}); };
  CHECK_THROWS_MATCHES(source_of(dataset, options).get(0), Error,
                       Catch::Message("the preprocessing callback returned shape [3, 32, 32]; it "
                                      "must keep [32, 32, 3]"));
}

AugmentationStep noise_step(double probability) {
  PixelOperationConfig noise;
  noise.name = PixelOperation::kAdditiveGaussianNoise;
  resolve_pixel_operation(noise, "noise");
  return {probability, {noise}};
}

TEST_CASE("a batch's images are its samples, standardised, bit for bit") {
  LabelledFolder folder(6, 40);
  folder.model.input.samplewise_center = GENERATE(false, true);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options = shuffled(6);
  options.shuffle = false;
  options.augmentation.channel_shift_range = GENERATE(0.0, 20.0);
  options.augmentation.interpolation_order = GENERATE(1, 3);  // 3: pixels leave 0 to 255
  if (GENERATE(false, true)) options.augmentation.brightness_range.reset();
  options.augmentation.steps = {noise_step(GENERATE(0.0, 0.5, 1.0))};
  if (GENERATE(false, true)) {
    options.preprocessing = [](const torch::Tensor& image) { return image + 1; };
  }
  const BatchSource source = source_of(dataset, options);
  const Standardizer standardizer(dataset.input());
  const std::int64_t pass = GENERATE(0, 1);
  const Batch batch = source.get(pass);
  for (std::int64_t row = 0; row < 6; ++row) {
    Sample sample = source.sample(row, pass, row);
    standardizer.apply(sample.pixels.data(), sample.pixels.data());
    const auto expected = torch::tensor(sample.pixels).view({32, 32, 3}).permute({2, 0, 1});
    REQUIRE(torch::equal(batch.images[row], expected));
  }
}

TEST_CASE("colours and steps of an augmented image come one after the other, as in Keras") {
  const LabelledFolder folder(3);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.augment = true;
  options.augmentation.channel_shift_range = 30;
  options.augmentation.brightness_range = {0.7, 1.4};
  options.augmentation.steps = {noise_step(GENERATE(0.0, 0.5, 1.0)), noise_step(0.5)};
  const std::int64_t row = GENERATE(0, 1, 2);
  const Sample sample = source_of(dataset, options).sample(row, 4, row);
  Random random(derive_seed(options.seed, "augmentation"), 4, static_cast<std::uint64_t>(row));
  const auto parameters = draw_augmentation(options.augmentation, 32, random);
  const Image image = dataset.input_image(row);  // which nothing moves
  std::vector<float> pixels(image.pixels.begin(), image.pixels.end());
  shift_channels(pixels.data(), pixels.size(), parameters.channel_shift);
  scale_brightness(pixels.data(), pixels.size(), parameters.brightness);
  apply_steps(options.augmentation.steps, 32, 3, random, pixels.data());
  CHECK(sample.pixels == pixels);
}

TEST_CASE("augmented images are saved where that is asked for") {
  const LabelledFolder folder(3);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options;
  options.save_to_dir = folder.path() / "saved/here";
  options.save_prefix = "aug_";
  source_of(dataset, options).get(1);
  const Image saved = read_image(options.save_to_dir / "aug_1_2.png", dataset.input());
  CHECK(saved.pixels == dataset.input_image(2).pixels);
}

TEST_CASE("saved images have the colours that the network sees") {
  const LabelledFolder folder(2);
  const ImageRegressionDataset dataset = folder.open().train;
  BatchOptions options = shuffled(2);
  options.shuffle = false;
  const BatchSource source = source_of(dataset, options);
  const Batch without = source.get(0);
  options.save_to_dir = folder.path() / "saved";
  CHECK(same_batch(source_of(dataset, options).get(0), without));
  const Image saved = read_image(options.save_to_dir / "0_1.png", dataset.input());
  const Sample sample = source.sample(1, 0, 1);
  CHECK(std::vector<float>(saved.pixels.begin(), saved.pixels.end()) == sample.pixels);
}

}  // namespace
}  // namespace mobireg
