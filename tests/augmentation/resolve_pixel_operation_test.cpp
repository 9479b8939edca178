#include <sstream>
#include <string>
#include <vector>

#include "augmentation/pixel_operations.h"
#include "config/fields.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

/// "sigma [0, 0.5], ..." of the fields that are set.
class SetFields {
 public:
  void operator()(const char*, PixelOperation&, const char*, const Bound& = kAny) {}
  void operator()(const char* name, std::optional<Range>& range, const char*, const Bound& = kAny) {
    if (!range) return;
    text += std::string(text.empty() ? "" : ", ") + name + " [" + number(range->low) + ", " +
            number(range->high) + "]";
  }
  void operator()(const char* name, std::optional<bool>& value, const char*, const Bound& = kAny) {
    if (value) text += std::string(", ") + name + (*value ? " true" : " false");
  }

  std::string text;

 private:
  static std::string number(double value) {
    std::ostringstream stream;
    stream << value;
    return stream.str();
  }
};

std::string resolved(PixelOperationConfig operation) {
  resolve_pixel_operation(operation, "step");
  SetFields fields;
  visit_fields(fields, operation);
  return fields.text;
}

std::string refusal(PixelOperationConfig operation) {
  try {
    resolve_pixel_operation(operation, "augmentation.steps.0.one_of.2");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

PixelOperationConfig operation(PixelOperation name) {
  PixelOperationConfig config;
  config.name = name;
  return config;
}

TEST_CASE("every operation has a range for what it takes, and nothing else") {
  const auto [name, expected] = GENERATE(table<PixelOperation, std::string>({
      {PixelOperation::kGaussianBlur, "sigma [0, 0.5]"},
      {PixelOperation::kDropout, "p [0, 0.03], per_channel false"},
      {PixelOperation::kAdditiveGaussianNoise, "loc [0, 0], scale [0, 7.65], per_channel false"},
      {PixelOperation::kJpegCompression, "quality [30, 95]"},
      {PixelOperation::kMotionBlur, "length [1, 5], angle [0, 180]"},
      {PixelOperation::kDownscale, "factor [0.5, 1]"},
      {PixelOperation::kGamma, "gamma [0.7, 1.4]"},
      {PixelOperation::kContrast, "factor [0.7, 1.3]"},
      {PixelOperation::kHue, "degrees [-10, 10]"},
      {PixelOperation::kSaturation, "factor [0.5, 1.5]"},
      {PixelOperation::kGrayscale, "amount [1, 1]"},
      {PixelOperation::kRandomErasing, "area [0.02, 0.33], aspect [0.3, 3.3]"},
  }));
  CHECK(resolved(operation(name)) == expected);
}

TEST_CASE("what is given stays") {
  PixelOperationConfig noise = operation(PixelOperation::kAdditiveGaussianNoise);
  noise.loc = Range{32, 32};
  noise.per_channel = true;
  CHECK(resolved(noise) == "loc [32, 32], scale [0, 7.65], per_channel true");
}

TEST_CASE("a field that an operation does not take is refused by name") {
  PixelOperationConfig blur = operation(PixelOperation::kGaussianBlur);
  blur.quality = Range{30, 90};
  CHECK(refusal(blur) == "augmentation.steps.0.one_of.2: gaussian_blur takes sigma, not quality");
  PixelOperationConfig motion = operation(PixelOperation::kMotionBlur);
  motion.sigma = Range{0, 1};
  CHECK(refusal(motion) ==
        "augmentation.steps.0.one_of.2: motion_blur takes length and angle, not sigma");
  PixelOperationConfig noise = operation(PixelOperation::kAdditiveGaussianNoise);
  noise.p = Range{0, 1};
  CHECK(refusal(noise) ==
        "augmentation.steps.0.one_of.2: additive_gaussian_noise takes loc, scale and per_channel, "
        "not p");
  PixelOperationConfig gamma = operation(PixelOperation::kGamma);
  gamma.per_channel = false;
  CHECK(refusal(gamma) == "augmentation.steps.0.one_of.2: gamma takes gamma, not per_channel");
}

TEST_CASE("downscale only shrinks") {
  for (const Range range : {Range{0, 0.5}, Range{-1, 0.5}, Range{0.5, 2}}) {
    PixelOperationConfig downscale = operation(PixelOperation::kDownscale);
    downscale.factor = range;
    CHECK_THROWS_AS(resolve_pixel_operation(downscale, "step"), Error);
  }
  PixelOperationConfig downscale = operation(PixelOperation::kDownscale);
  downscale.factor = Range{0.5, 2};
  CHECK(refusal(downscale) ==
        "augmentation.steps.0.one_of.2.factor: it is [0.5, 2]; downscale takes factors above 0, up "
        "to 1");
}

}  // namespace
}  // namespace mobireg
