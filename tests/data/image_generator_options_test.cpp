// The options of ImageDataGenerator: what each does, and which values are refused.

#include <torch/types.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "data/generator_images.h"
#include "mobireg/data/image_data_generator.h"

namespace mobireg {
namespace {

using Options = ImageDataGeneratorOptions;

TEST_CASE("every range of random transforms has its effect and no other") {
  struct Case {
    const char* option;
    std::function<void(Options&)> set;
    std::function<bool(const AugmentationParameters&)> changed;
  };
  const std::vector<Case> cases{
      {"rotation_range", [](Options& o) { o.rotation_range = 5; },
       [](const auto& p) { return p.rotation != 0 && std::abs(p.rotation) <= 5; }},
      {"width_shift_range", [](Options& o) { o.width_shift_range = ShiftRange::uniform(0.25); },
       [](const auto& p) { return p.y_shift != 0 && std::abs(p.y_shift) <= 2; }},
      {"height_shift_range", [](Options& o) { o.height_shift_range = ShiftRange::uniform(3.0); },
       [](const auto& p) { return p.x_shift != 0 && std::abs(p.x_shift) <= 3; }},
      {"shear_range", [](Options& o) { o.shear_range = 4; },
       [](const auto& p) { return p.shear != 0 && std::abs(p.shear) <= 4; }},
      {"zoom_range",
       [](Options& o) {
         o.zoom_range = {0.8, 0.9};
       },
       [](const auto& p) { return p.x_zoom != p.y_zoom && p.x_zoom < 0.9 && p.y_zoom < 0.9; }},
      {"channel_shift_range", [](Options& o) { o.channel_shift_range = 9; },
       [](const auto& p) { return p.channel_shift != 0 && std::abs(p.channel_shift) <= 9; }},
      {"brightness_range",
       [](Options& o) {
         o.brightness_range = Interval{0.5, 0.6};
       },
       [](const auto& p) { return p.brightness >= 0.5 && p.brightness < 0.6; }},
      {"horizontal_flip", [](Options& o) { o.horizontal_flip = true; },
       [](const auto& p) { return p.flip_horizontal; }},
      {"vertical_flip", [](Options& o) { o.vertical_flip = true; },
       [](const auto& p) { return p.flip_vertical; }},
  };
  const auto x = hashed_pixels("effects", 8, 3);
  for (const Case& set : cases) {
    Options options;
    set.set(options);
    const ImageDataGenerator generator(options);
    int changed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto parameters = generator.get_random_transform(8, seed);
      for (const Case& other : cases) {
        const bool is_changed = other.changed(parameters);
        if (other.option == set.option) changed += is_changed;
        if (other.option != set.option && is_changed) {
          FAIL(set.option << " changes " << other.option);
        }
      }
      CHECK(set.changed(parameters) != torch::equal(generator.random_transform(x, seed), x));
    }
    INFO(set.option);
    const bool is_flip = std::string(set.option).find("flip") != std::string::npos;
    CHECK((is_flip ? changed > 3 && changed < 17 : changed == 20));
  }
}

TEST_CASE("fill_mode, cval and interpolation_order say how images are moved") {
  AugmentationParameters parameters;
  parameters.x_shift = 2.5;
  const auto x = hashed_pixels("fill", 8, 1);
  const auto moved = [&](FillMode mode, double cval, int order) {
    Options options;
    options.fill_mode = mode;
    options.cval = cval;
    options.interpolation_order = order;
    return ImageDataGenerator(options).apply_transform(x, parameters);
  };
  const std::vector<torch::Tensor> results{
      moved(FillMode::kNearest, 0, 1),  moved(FillMode::kReflect, 0, 1),
      moved(FillMode::kWrap, 0, 1),     moved(FillMode::kConstant, 0, 1),
      moved(FillMode::kConstant, 9, 1), moved(FillMode::kNearest, 0, 0),
      moved(FillMode::kNearest, 0, 3)};
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK_FALSE(torch::equal(results[i], results[k]));
  }
}

TEST_CASE("any brightness_range cuts to whole numbers, as Keras does; without one nothing is cut") {
  Options options;
  const auto x = torch::full({4, 4, 1}, 7.75);
  CHECK(torch::equal(ImageDataGenerator(options).random_transform(x, 1), x));
  options.brightness_range = Interval{1, 1};
  CHECK(torch::equal(ImageDataGenerator(options).random_transform(x, 1), x.floor()));
}

TEST_CASE("images of other shapes are refused") {
  Options options;
  options.featurewise_center = true;
  ImageDataGenerator generator(options);
  CHECK_THROWS_WITH(generator.fit(torch::zeros({4, 4, 3})),
                    "ImageDataGenerator::fit: images of shape [4, 4, 3]; it must have 4 axes, "
                    "images first");
  for (const auto& shape : std::vector<std::vector<std::int64_t>>{
           {4, 5, 3}, {4, 4, 2}, {4, 4}, {0, 0, 3}, {1, 4, 4, 3}}) {
    CHECK_THROWS_WITH(generator.random_transform(torch::zeros(shape), 1),
                      Catch::Contains("it must be square and of 1 or 3 channels"));
  }
}

TEST_CASE("images that are not finite are not moved") {
  AugmentationParameters parameters;
  parameters.x_shift = 0.5;
  CHECK_THROWS_WITH(ImageDataGenerator().apply_transform(torch::full({4, 4, 1}, NAN), parameters),
                    "ImageDataGenerator: an image with values that are not finite cannot be moved");
}

TEST_CASE("what needs fit says so") {
  Options center, deviation, whitening;
  center.featurewise_center = true;
  deviation.featurewise_std_normalization = true;
  whitening.zca_whitening = true;
  for (const Options& options : {center, deviation, whitening}) {
    CHECK_THROWS_WITH(
        ImageDataGenerator(options).standardize(torch::zeros({4, 4, 3})),
        "ImageDataGenerator: featurewise_center, featurewise_std_normalization and zca_whitening "
        "need fit() to be called first");
  }
}

TEST_CASE("a preprocessing_function must keep the shape") {
  Options options;
  options.preprocessing_function = [](torch::Tensor x) { return x.slice(0, 0, 2); };
  CHECK_THROWS_WITH(ImageDataGenerator(options).standardize(torch::zeros({4, 4, 3})),
                    "ImageDataGenerator: preprocessing_function returned shape [2, 4, 3]; it must "
                    "keep [4, 4, 3]");
}

TEST_CASE("options out of range are refused by name and value") {
  const std::vector<std::pair<std::function<void(Options&)>, std::string>> cases{
      {[](Options& o) { o.rotation_range = -1; }, "rotation_range is -1; it must be 0 or more"},
      {[](Options& o) { o.shear_range = NAN; }, "shear_range is nan; it must be 0 or more"},
      {[](Options& o) { o.channel_shift_range = -2; },
       "channel_shift_range is -2; it must be 0 or more"},
      {[](Options& o) { o.width_shift_range = ShiftRange::uniform(-0.1); },
       "width_shift_range is -0.1; it must be 0 or more"},
      {[](Options& o) {
         o.height_shift_range = {ShiftRange::Form::kWhole, {1.5}};
       },
       "height_shift_range is 1.5; it must be a whole number"},
      {[](Options& o) {
         o.height_shift_range = {ShiftRange::Form::kList, {}};
       },
       "height_shift_range has 0 values; it must be at least one"},
      {[](Options& o) {
         o.width_shift_range = {ShiftRange::Form::kUniform, {1, 2}};
       },
       "width_shift_range has 2 values; it must be one"},
      {[](Options& o) {
         o.zoom_range = {0, 1};
       },
       "zoom_range is 0; it must be above 0"},
      {[](Options& o) {
         o.brightness_range = Interval{-1, 1};
       },
       "brightness_range is -1; it must be 0 or more"},
      {[](Options& o) { o.cval = INFINITY; }, "cval is inf; it must be a number"},
      {[](Options& o) { o.rescale = NAN; }, "rescale is nan; it must be a number"},
      {[](Options& o) { o.zca_epsilon = 0; }, "zca_epsilon is 0; it must be above 0"},
      {[](Options& o) { o.validation_split = 1; },
       "validation_split is 1; it must be 0 or more and below 1"},
      {[](Options& o) { o.interpolation_order = 6; },
       "interpolation_order is 6; it must be 0 to 5"},
      {[](Options& o) { o.dtype = torch::kInt; }, "dtype is Int; it must be Float, Double or Half"},
  };
  for (const auto& [set, message] : cases) {
    Options options;
    set(options);
    CHECK_THROWS_WITH(ImageDataGenerator(options), message);
  }
}

}  // namespace
}  // namespace mobireg
