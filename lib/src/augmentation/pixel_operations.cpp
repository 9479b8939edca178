#include "augmentation/pixel_operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "augmentation/blur.h"
#include "augmentation/colour_operations.h"
#include "augmentation/jpeg_compression.h"
#include "augmentation/noise_operations.h"
#include "augmentation/pixel_view.h"
#include "config/fields.h"
#include "core/fail.h"

namespace mobireg {
namespace {

/// A range that an operation takes, and what it is where it was left open.
struct Parameter {
  PixelOperation operation;
  std::string_view name;
  Range range;
};

constexpr std::array<Parameter, 15> kParameters{{
    {PixelOperation::kGaussianBlur, "sigma", {0, 0.5}},
    {PixelOperation::kDropout, "p", {0, 0.03}},
    {PixelOperation::kAdditiveGaussianNoise, "loc", {0, 0}},
    {PixelOperation::kAdditiveGaussianNoise, "scale", {0, 0.03 * 255}},
    {PixelOperation::kJpegCompression, "quality", {30, 95}},
    {PixelOperation::kMotionBlur, "length", {1, 5}},
    {PixelOperation::kMotionBlur, "angle", {0, 180}},
    {PixelOperation::kDownscale, "factor", {0.5, 1}},
    {PixelOperation::kGamma, "gamma", {0.7, 1.4}},
    {PixelOperation::kContrast, "factor", {0.7, 1.3}},
    {PixelOperation::kHue, "degrees", {-10, 10}},
    {PixelOperation::kSaturation, "factor", {0.5, 1.5}},
    {PixelOperation::kGrayscale, "amount", {1, 1}},
    {PixelOperation::kRandomErasing, "area", {0.02, 0.33}},
    {PixelOperation::kRandomErasing, "aspect", {0.3, 3.3}},
}};

const Parameter* find_parameter(PixelOperation operation, std::string_view name) {
  for (const Parameter& parameter : kParameters) {
    if (parameter.operation == operation && parameter.name == name) return &parameter;
  }
  return nullptr;
}

bool takes_per_channel(PixelOperation operation) {
  return operation == PixelOperation::kDropout ||
         operation == PixelOperation::kAdditiveGaussianNoise;
}

/// "length and angle"
std::string taken_names(PixelOperation operation) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : kParameters) {
    if (parameter.operation == operation) names.push_back(parameter.name);
  }
  if (takes_per_channel(operation)) names.emplace_back("per_channel");
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

/// A visitor of the operation's fields.
class Resolver {
 public:
  Resolver(PixelOperation operation, const char* field) : operation_(operation), field_(field) {}

  void operator()(const char*, PixelOperation&, const char*, const Bound& = kAny) {}

  void operator()(const char* name, std::optional<Range>& range, const char*, const Bound& = kAny) {
    const Parameter* parameter = find_parameter(operation_, name);
    if (parameter == nullptr) {
      if (range) refuse(name);
    } else if (!range) {
      range = parameter->range;
    }
  }

  void operator()(const char* name, std::optional<bool>& value, const char*, const Bound& = kAny) {
    if (!takes_per_channel(operation_)) {
      if (value) refuse(name);
    } else if (!value) {
      value = false;
    }
  }

 private:
  [[noreturn]] void refuse(const char* name) const {
    fail("{}: {} takes {}, not {}", field_, enum_name(operation_), taken_names(operation_), name);
  }

  PixelOperation operation_;
  const char* field_;
};

double draw(const std::optional<Range>& range, Random& random) {
  return random.uniform(range->low, range->high);
}

/// As torchvision does, up to ten times until the rectangle fits into the image.
void random_erasing(const PixelOperationConfig& operation, const PixelView& image, Random& random) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = draw(operation.area, random);
    const double aspect = draw(operation.aspect, random);
    if (erase_rectangle(image, area, aspect, random)) return;
  }
}

void apply(const PixelOperationConfig& operation, const PixelView& image, Random& random) {
  const auto value = [&](const std::optional<Range>& range) { return draw(range, random); };
  switch (operation.name) {
    case PixelOperation::kGaussianBlur:
      return gaussian_blur(image, value(operation.sigma));
    case PixelOperation::kDropout:
      return dropout(image, value(operation.p), *operation.per_channel, random);
    case PixelOperation::kAdditiveGaussianNoise: {
      const double loc = value(operation.loc);
      const double scale = value(operation.scale);
      return add_gaussian_noise(image, loc, scale, *operation.per_channel, random);
    }
    case PixelOperation::kJpegCompression:
      return jpeg_compression(image, static_cast<int>(std::lround(value(operation.quality))));
    case PixelOperation::kMotionBlur: {
      const double length = value(operation.length);
      return motion_blur(image, length, value(operation.angle));
    }
    case PixelOperation::kDownscale:
      return downscale(image, value(operation.factor));
    case PixelOperation::kGamma:
      return gamma_correction(image, value(operation.gamma));
    case PixelOperation::kContrast:
      return change_contrast(image, value(operation.factor));
    case PixelOperation::kHue:
      return turn_hue(image, value(operation.degrees));
    case PixelOperation::kSaturation:
      return change_saturation(image, value(operation.factor));
    case PixelOperation::kGrayscale:
      return grayscale(image, value(operation.amount));
    case PixelOperation::kRandomErasing:
      return random_erasing(operation, image, random);
  }
}

}  // namespace

void resolve_pixel_operation(PixelOperationConfig& operation, const char* field) {
  Resolver resolver(operation.name, field);
  visit_fields(resolver, operation);
  if (operation.name == PixelOperation::kDownscale &&
      (operation.factor->low <= 0 || operation.factor->high > 1)) {
    fail("{}.factor: it is [{}, {}]; downscale takes factors above 0, up to 1", field,
         operation.factor->low, operation.factor->high);
  }
}

void apply_steps(const std::vector<AugmentationStep>& steps, int size, int channels, Random& random,
                 float* pixels) {
  const PixelView image{size, channels, pixels};
  for (const AugmentationStep& step : steps) {
    if (random.uniform() >= step.probability) continue;
    apply(step.one_of[random.below(step.one_of.size())], image, random);
  }
}

bool draws_step(const std::vector<AugmentationStep>& steps, Random random) {
  // apply_steps draws nothing for a step that is left out.
  return std::any_of(steps.begin(), steps.end(), [&](const AugmentationStep& step) {
    return random.uniform() < step.probability;
  });
}

}  // namespace mobireg
