// ImageDataGenerator against real tf.keras 2.15.1 (scripts/reference/keras_generator.py,
// keras_augmentation.py).

#include "mobireg/data/image_data_generator.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/generator_images.h"
#include "fixture.h"

namespace mobireg {
namespace {

using nlohmann::json;
using Options = ImageDataGeneratorOptions;

torch::Tensor fit_images(int count, int size, int channels) {
  std::vector<torch::Tensor> images;
  for (int i = 0; i < count; ++i) {
    images.push_back(hashed_pixels("generator.fit." + std::to_string(i), size, channels));
  }
  return torch::stack(images);
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

torch::Tensor tensor_of(const json& values, at::IntArrayRef shape) {
  return torch::tensor(values.get<std::vector<double>>()).reshape(shape);
}

Options standardizing(const json& keras) {
  Options options;
  options.featurewise_center = keras.value("featurewise_center", false);
  options.featurewise_std_normalization = keras.value("featurewise_std_normalization", false);
  options.samplewise_center = keras.value("samplewise_center", false);
  options.samplewise_std_normalization = keras.value("samplewise_std_normalization", false);
  options.zca_whitening = keras.value("zca_whitening", false);
  options.zca_epsilon = keras.value("zca_epsilon", 1e-6);
  if (keras.contains("rescale")) options.rescale = keras["rescale"].get<double>();
  return options;
}

TEST_CASE("fit and standardize give Keras's values with every switch and combination") {
  const json cases = read_fixture("keras_generator.json")["standardize"];
  REQUIRE(cases.size() == 16);
  for (const json& keras : cases) {
    INFO(keras["options"].dump() << " of " << keras["shape"].dump());
    const int channels = keras["shape"][2];
    ImageDataGenerator generator(standardizing(keras["options"]));
    if (keras["fitted"] != 0) generator.fit(fit_images(keras["fitted"], 8, channels));
    const auto result = generator.standardize(hashed_pixels("generator.image", 8, channels));
    const auto expected = tensor_of(keras["pixels"], {8, 8, channels});
    // Of the largest value: the fixture has six digits; Keras computes in float32, statistics and
    // singular values included, which mobireg computes in double.
    constexpr double kTolerance = 2e-5;
    CHECK(largest_difference(result, expected) <= kTolerance * expected.abs().max().item<double>());
    CHECK(generator.mean().empty() == !keras.contains("mean"));
    CHECK(generator.std().empty() == !keras.contains("std"));
    for (const char* name : {"mean", "std"}) {
      if (!keras.contains(name)) continue;
      const auto& ours = std::string(name) == "mean" ? generator.mean() : generator.std();
      CHECK(largest_difference(torch::tensor(ours, torch::kDouble),
                               tensor_of(keras[name], {channels})) <= kTolerance * ours[0]);
    }
  }
}

AugmentationParameters parameters_of(const json& keras) {
  AugmentationParameters parameters;
  parameters.rotation = keras.value("theta", 0.0);
  parameters.x_shift = keras.value("tx", 0.0);
  parameters.y_shift = keras.value("ty", 0.0);
  parameters.shear = keras.value("shear", 0.0);
  parameters.x_zoom = keras.value("zx", 1.0);
  parameters.y_zoom = keras.value("zy", 1.0);
  parameters.flip_horizontal = keras.value("flip_horizontal", false);
  parameters.flip_vertical = keras.value("flip_vertical", false);
  parameters.channel_shift = keras.value("channel_shift_intensity", 0.0);
  parameters.brightness = keras.value("brightness", 1.0);
  return parameters;
}

Options warping(const json& keras) {
  const std::map<std::string, FillMode> modes{{"nearest", FillMode::kNearest},
                                              {"constant", FillMode::kConstant},
                                              {"reflect", FillMode::kReflect},
                                              {"wrap", FillMode::kWrap}};
  Options options;
  options.fill_mode = modes.at(keras.value("fill_mode", "nearest"));
  options.cval = keras.value("cval", 0.0);
  options.interpolation_order = keras.value("interpolation_order", 1);
  return options;
}

TEST_CASE("apply_transform gives Keras's pixels") {
  const json transforms = read_fixture("keras_augmentation.json")["transforms"];
  int cases = 0;
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const json& keras = transforms[i];
    if (keras["options"].value("interpolation_order", 1) > 3) continue;  // see augmentation_test
    INFO(keras["options"].dump() << " " << keras["parameters"].dump());
    const int size = keras["shape"][0];
    const int channels = keras["shape"][2];
    const auto x = hashed_pixels("augmentation." + std::to_string(i), size, channels);
    const ImageDataGenerator generator(warping(keras["options"]));
    const auto result = generator.apply_transform(x, parameters_of(keras["parameters"]));
    const auto expected = tensor_of(keras["pixels"], {size, size, channels});
    // See augmentation_test: the fixture has three decimals, and brightness cuts to whole numbers,
    // where rounding decides in rare cases.
    const auto difference = (result - expected).abs();
    const bool cut = keras["parameters"].contains("brightness");
    CHECK((difference > 7e-4).sum().item<double>() <= (cut ? 0.02 : 0) * difference.numel());
    ++cases;
  }
  CHECK(cases > 80);
}

TEST_CASE("images that are no bytes are moved as bytes are") {
  // x / 255 - 0.25 moves to moved(x) / 255 - 0.25, to a few roundings of float.
  AugmentationParameters parameters;
  parameters.rotation = 17;
  parameters.x_shift = 2.3;
  parameters.x_zoom = 1.3;
  parameters.flip_horizontal = true;
  const auto x = hashed_pixels("float", 9, 3);
  for (const FillMode mode :
       {FillMode::kNearest, FillMode::kConstant, FillMode::kReflect, FillMode::kWrap}) {
    for (const int order : {0, 1, 3}) {
      Options options;
      options.fill_mode = mode;
      options.interpolation_order = order;
      options.cval = 51;
      const auto moved = ImageDataGenerator(options).apply_transform(x, parameters);
      options.cval = 51 / 255.0 - 0.25;
      const auto ours = ImageDataGenerator(options).apply_transform(x / 255 - 0.25, parameters);
      CHECK(largest_difference(ours, moved / 255 - 0.25) < 2e-6);
    }
  }
  const auto flat = torch::full({5, 5, 1}, 0.3);
  CHECK(largest_difference(ImageDataGenerator().apply_transform(flat, parameters), flat) < 1e-6);
  CHECK(torch::equal(ImageDataGenerator().apply_transform(x + 0.5, {}), x + 0.5));
}

TEST_CASE("random_transform applies what get_random_transform gives") {
  Options options;
  options.rotation_range = 20;
  options.zoom_range = {0.8, 1.2};
  options.brightness_range = Interval{0.5, 1.5};
  const ImageDataGenerator generator(options);
  const auto x = hashed_pixels("random", 8, 3);
  const auto before = x.clone();
  const auto result = generator.random_transform(x, 7);
  CHECK(torch::equal(result, generator.apply_transform(x, generator.get_random_transform(8, 7))));
  CHECK_FALSE(torch::equal(result, generator.random_transform(x, 8)));
  CHECK(torch::equal(x, before));
}

TEST_CASE("preprocessing_function comes before rescale and the normalisations") {
  Options options;
  options.rescale = 0.5;
  options.samplewise_center = true;
  options.preprocessing_function = [](torch::Tensor x) { return x * x; };
  const auto x = hashed_pixels("preprocessing", 4, 3);
  const auto halved = x * x * 0.5;
  CHECK(largest_difference(ImageDataGenerator(options).standardize(x), halved - halved.mean()) <
        0.01);
}

TEST_CASE("a rescale of 0 is none, as in Keras") {
  Options options;
  options.rescale = 0;
  const auto x = hashed_pixels("rescale", 4, 3);
  CHECK(torch::equal(ImageDataGenerator(options).standardize(x), x));
}

TEST_CASE("channels_first takes and gives the channels first") {
  Options options;
  options.rescale = 1 / 255.0;
  options.rotation_range = 30;
  options.featurewise_std_normalization = true;
  ImageDataGenerator last(options);
  options.data_format = DataFormat::kChannelsFirst;
  ImageDataGenerator first(options);
  const auto images = fit_images(4, 6, 3);
  last.fit(images);
  first.fit(images.permute({0, 3, 1, 2}));
  CHECK(first.mean() == last.mean());
  const auto x = hashed_pixels("format", 6, 3);
  const auto x_first = x.permute({2, 0, 1});
  CHECK(torch::equal(first.standardize(x_first), last.standardize(x).permute({2, 0, 1})));
  CHECK(torch::equal(first.random_transform(x_first, 3),
                     last.random_transform(x, 3).permute({2, 0, 1})));
  CHECK_THROWS_WITH(
      first.standardize(x),
      "ImageDataGenerator: an image of shape [6, 6, 3]; it must be square and of 1 or "
      "3 channels, [channels, size, size]");
}

TEST_CASE("fit with augmentation sees other images, as many times as there are rounds") {
  Options options;
  options.featurewise_center = true;
  options.zca_whitening = true;
  options.rescale = 1 / 255.0;
  options.channel_shift_range = 0.3;  // of images that are rescaled already, as in Keras
  const auto images = fit_images(5, 4, 1);
  const auto fitted = [&](FitOptions fit) {
    ImageDataGenerator generator(options);
    generator.fit(images, fit);
    return generator;
  };
  const auto plain = fitted({});
  const auto once = fitted({true, 1, 1});
  CHECK(plain.mean() != once.mean());
  CHECK(std::abs(plain.mean()[0] - once.mean()[0]) < 0.3);
  CHECK(once.mean() == fitted({true, 1, 1}).mean());
  CHECK(once.mean() != fitted({true, 1, 2}).mean());
  const auto rank = [](const ImageDataGenerator& generator) {
    return torch::linalg_matrix_rank(generator.zca_whitening_matrix(), 1e-3).item<int>();
  };
  CHECK(rank(once) == 5);                   // of 5 images
  CHECK(rank(fitted({true, 4, 1})) == 16);  // of 20, with 16 values each
  CHECK_THROWS_WITH(fitted({true, 0, 1}),
                    "ImageDataGenerator::fit: rounds is 0; it must be at least 1");
}

TEST_CASE("a second fit replaces the first") {
  Options options;
  options.featurewise_center = true;
  ImageDataGenerator generator(options);
  generator.fit(torch::full({3, 4, 4, 1}, 10));
  generator.fit(torch::full({2, 4, 4, 1}, 30));
  CHECK(generator.mean() == std::vector<double>{30});
}

}  // namespace
}  // namespace mobireg
