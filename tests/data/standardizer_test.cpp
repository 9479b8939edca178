// Standardisation against real tf.keras 2.15.1 (scripts/reference/keras_standardization.py).

#include "mobireg/data/standardizer.h"

#include <torch/types.h>

#include <numeric>

#include "augmentation/colour.h"
#include "data/standardization_cases.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using nlohmann::json;

/// Keras sums up in float32, which costs it the last of its 7 digits; the fixture has 7.
constexpr double kTolerance = 2e-6;

TEST_CASE("every switch gives Keras's values, fitted to the same images") {
  const auto images = keras_images("standardization", 12, 4, 3);
  const auto other = keras_images("standardization.other", 1, 4, 3)[0];
  const json& cases = standardization_fixture()["standardize"];
  REQUIRE(cases.size() == 17);
  for (const json& expected : cases) {
    INFO(expected["options"].dump());
    const FittedInput fitted = fit_to(input_of(expected["options"]), images);
    const auto pixels = expected["pixels"].get<std::vector<float>>();
    CHECK(largest_difference(standardized(fitted, other), pixels) <=
          kTolerance * (1 + largest(pixels)));
    for (const auto& [name, values] : {std::pair{"mean", fitted.input.feature_mean},
                                       std::pair{"std", fitted.input.feature_std}}) {
      REQUIRE(values.empty() == !expected.contains(name));
      if (values.empty()) continue;
      const auto statistics = expected[name].get<std::vector<double>>();
      CHECK(largest_difference(values, statistics) <= kTolerance * (1 + largest(statistics)));
    }
  }
}

TEST_CASE("pixels are exactly (pixel - mean) / scale in float arithmetic") {
  const int size = GENERATE(1, 3, 4, 5, 32);  // some are no whole number of the loop's stretches
  const int channels = GENERATE(1, 3);
  InputConfig input = plain_input(size, channels);
  const std::vector<double> mean{123.675, 116.28, 103.53};
  const std::vector<double> scale{58.395, 57.12, 57.375};
  input.mean.assign(mean.begin(), mean.begin() + channels);
  input.scale.assign(scale.begin(), scale.begin() + channels);
  const auto pixels = keras_images("exact", 1, size, channels)[0];
  std::vector<float> out(pixels.size() + 1, -1);
  Standardizer(input).apply(pixels.data(), out.data());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t c = i % static_cast<std::size_t>(channels);
    REQUIRE(out[i] == (pixels[i] - static_cast<float>(mean[c])) / static_cast<float>(scale[c]));
  }
  CHECK(out.back() == -1);  // nothing is written behind the image
}

TEST_CASE("a change of colour in the same pass is the change and then the pass, bit for bit") {
  const int size = GENERATE(1, 3, 8);
  InputConfig input = plain_input(size, GENERATE(1, 3));
  input.mean.assign(input.mean.size(), 123.675);
  input.scale.assign(input.scale.size(), 58.395);
  input.rescale = 0.3;
  const bool whole_image = GENERATE(false, true);
  input.samplewise_center = whole_image;
  if (whole_image) {
    input.featurewise_center = true;
    input.feature_mean = input.scale;
  }
  const auto [shift, brightness, factor] = GENERATE(table<double, std::optional<double>, float>(
      {{0, {}, 1.0F}, {12.5, {}, 1.0F}, {0, 1.21, 1.0F}, {-12.5, 0.7, 1.0F}, {12.5, 1.21, 1.1F}}));
  auto pixels = keras_images("colour", 1, size, input.channels())[0];
  for (float& pixel : pixels) pixel *= factor;  // the last leaves 0 to 255
  const ColourChange change = colour_change(pixels.data(), pixels.size(), shift, brightness);
  CHECK((change.stretches || factor == 1 || size < 8));

  const Standardizer standardizer(input);
  std::vector<float> fused(pixels.size());
  standardizer.apply(pixels.data(), fused.data(), change);
  std::vector<float> in_place = pixels;
  standardizer.apply(in_place.data(), in_place.data(), change);
  CHECK(in_place == fused);
  change_colour(change, pixels.data(), pixels.size());
  standardizer.apply(pixels.data(), pixels.data());
  CHECK(fused == pixels);
}

TEST_CASE("samplewise steps give an image of any size the mean 0 and the deviation 1") {
  const int size = GENERATE(1, 3, 4);
  InputConfig input = plain_input(size);
  input.samplewise_center = true;
  const auto pixels = keras_images("samplewise", 1, size, 3)[0];
  const auto mean_of_squares = [](const std::vector<float>& values) {
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0) /
           static_cast<double>(values.size());
  };
  const auto centred = standardized({input, {}}, pixels);
  const double sum = std::accumulate(centred.begin(), centred.end(), 0.0);
  CHECK(std::abs(sum) <= 1e-5 * static_cast<double>(pixels.size()));
  input.samplewise_std_normalization = true;
  CHECK(mean_of_squares(standardized({input, {}}, pixels)) == Approx(1).epsilon(1e-6));
  input.samplewise_center = false;  // the deviation is about the mean all the same
  CHECK(standardized({input, {}}, pixels)[0] ==
        Approx(pixels[0] / std::sqrt(mean_of_squares(centred))).epsilon(1e-6));
}

TEST_CASE("the standardizer takes a rescale of 0 for none, as Keras does") {
  InputConfig input = plain_input();
  input.rescale = 0;
  const auto pixels = keras_images("exact", 1, 4, 3)[0];
  CHECK(standardized({input, {}}, pixels) == pixels);
  CHECK(Standardizer(input).scale() == std::vector<double>{1, 1, 1});
}

TEST_CASE("affine steps fold into one mean and one scale a channel") {
  const json options =
      GENERATE(json::object(), json{{"rescale", 0.25}},
               json{{"mean", {123.0, 100.5, 7.0}}, {"scale", {58.0, 60.0, 1.5}}, {"rescale", 0.5}});
  const bool center = GENERATE(false, true);
  const bool scale = GENERATE(false, true);
  InputConfig input = input_of(options);
  input.featurewise_center = center;
  input.featurewise_std_normalization = scale;
  const FittedInput fitted = fit_to(input, keras_images("standardization", 12, 4, 3));
  const Standardizer standardizer(fitted.input);
  REQUIRE(standardizer.is_affine());
  const auto pixels = keras_images("standardization.other", 1, 4, 3)[0];
  auto folded = pixels;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    folded[i] =
        static_cast<float>((pixels[i] - standardizer.mean()[i % 3]) / standardizer.scale()[i % 3]);
  }
  // A few roundings to float against one.
  CHECK(largest_difference(standardized(fitted, pixels), folded) <= 1e-6 * (1 + largest(folded)));
}

TEST_CASE("what looks at the whole image is not affine") {
  InputConfig input = plain_input();
  CHECK(Standardizer(input).is_affine());
  input.samplewise_center = true;
  CHECK_FALSE(Standardizer(input).is_affine());
  input.samplewise_center = false;
  input.samplewise_std_normalization = true;
  CHECK_FALSE(Standardizer(input).is_affine());
  input = plain_input();
  input.zca_whitening = true;
  CHECK_FALSE(Standardizer(input, torch::eye(48)).is_affine());
}

TEST_CASE("a batch is standardised as its images are, and lies in channels-last memory") {
  InputConfig input = input_of({{"mean", {1.0, 2.0, 3.0}}});
  input.samplewise_std_normalization = true;
  const Standardizer standardizer(input);
  const auto type = GENERATE(at::kByte, at::kDouble);
  const at::Tensor pixels = torch::arange(144).fmod(101).view({3, 3, 4, 4}).to(type);
  const at::Tensor result = standardizer.apply(pixels);
  CHECK(result.scalar_type() == torch::kFloat);
  CHECK(result.is_contiguous(torch::MemoryFormat::ChannelsLast));
  const at::Tensor image = pixels[1].permute({1, 2, 0}).to(torch::kFloat).contiguous();
  at::Tensor expected = torch::empty_like(image);
  standardizer.apply(image.data_ptr<float>(), expected.data_ptr<float>());
  CHECK(torch::equal(result[1].permute({1, 2, 0}), expected));
}

TEST_CASE("a batch of another shape is refused") {
  const std::vector<std::int64_t> shape =
      GENERATE(std::vector<std::int64_t>{3, 4, 4}, std::vector<std::int64_t>{1, 1, 4, 4},
               std::vector<std::int64_t>{1, 3, 5, 4}, std::vector<std::int64_t>{1, 3, 4, 5});
  CHECK_THROWS_WITH(
      Standardizer(plain_input()).apply(torch::zeros(shape)),
      "images of shape " + c10::str(at::IntArrayRef(shape)) + "; [N, 3, 4, 4] is needed");
}

TEST_CASE("a standardizer without what it needs is refused") {
  InputConfig input = plain_input();
  input.mean = {123};
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.mean: 1 values for 3 channels; it must have one for each");
  input = plain_input();
  input.scale = {1, 2};
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.scale: 2 values for 3 channels; it must have one for each");
  input = plain_input();
  input.featurewise_center = true;
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.feature_mean: it is empty; it must be fitted first");
  input.feature_mean = {1, 2};
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.feature_mean: 2 values for 3 channels; it must have one for each");
  input = plain_input();
  input.featurewise_std_normalization = true;
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.feature_std: it is empty; it must be fitted first");
  input = plain_input();
  input.zca_whitening = true;
  CHECK_THROWS_WITH(Standardizer(input),
                    "model.input.zca_whitening: the matrix is missing; it must be fitted first");
  CHECK_THROWS_WITH(Standardizer(input, torch::eye(47)),
                    "model.input.zca_whitening: the matrix has the shape [47, 47]; it must be "
                    "[48, 48]");
}

}  // namespace
}  // namespace mobireg
