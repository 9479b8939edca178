#include "mobireg/data/image_data_generator.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>

#include "augmentation/colour.h"
#include "augmentation/geometry.h"
#include "augmentation/warp.h"
#include "core/fail.h"
#include "data/fit_input.h"
#include "data/image_generator_checks.h"
#include "mobireg/core/random.h"

namespace mobireg {
namespace {

/// One image as HWC floats.
struct FloatImage {
  int size = 0;
  int channels = 0;
  std::vector<float> values;
};

FloatImage to_hwc(const at::Tensor& x, DataFormat format) {
  const at::Tensor image =
      format == DataFormat::kChannelsFirst && x.dim() == 3 ? x.permute({1, 2, 0}) : x;
  if (image.dim() != 3 || image.size(0) != image.size(1) || image.size(0) < 1 ||
      (image.size(2) != 1 && image.size(2) != 3)) {
    fail(
        "ImageDataGenerator: an image of shape {}; it must be square and of 1 or 3 channels, {}",
        c10::str(x.sizes()),
        format == DataFormat::kChannelsFirst ? "[channels, size, size]" : "[size, size, channels]");
  }
  const at::Tensor values = image.to(at::kCPU, at::kFloat).contiguous();
  const float* first = values.data_ptr<float>();
  return {static_cast<int>(image.size(0)),
          static_cast<int>(image.size(2)),
          {first, first + values.numel()}};
}

at::Tensor from_hwc(FloatImage image, DataFormat format) {
  const at::Tensor x =
      at::from_blob(image.values.data(), {image.size, image.size, image.channels}).clone();
  return format == DataFormat::kChannelsFirst ? x.permute({2, 0, 1}).contiguous() : x;
}

bool are_bytes(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) {
    return value >= 0 && value <= 255 && value == std::floor(value);
  });
}

/// A byte of each number.
std::vector<std::uint8_t> byte_plane(const std::vector<std::uint32_t>& numbers, int shift) {
  std::vector<std::uint8_t> plane;
  for (const std::uint32_t number : numbers) {
    plane.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  return plane;
}

std::vector<float> warped_bytes(const FloatImage& image, const std::vector<std::uint8_t>& pixels,
                                const Affine& moved, const WarpOptions& options) {
  std::vector<float> out(pixels.size());
  warp({image.size, image.size, image.channels, pixels.data()}, moved, image.size, options,
       out.data());
  return out;
}

/// `warp` takes bytes and is linear in them, so any other image is moved as three of them: the
/// bytes of its values in units of a 2^24th of their range.
std::vector<float> warped(const FloatImage& image, const Affine& moved, WarpOptions options) {
  const std::vector<float>& values = image.values;
  if (are_bytes(values)) {
    return warped_bytes(image, {values.begin(), values.end()}, moved, options);
  }
  if (moved == Affine{}) return values;
  if (!std::all_of(values.begin(), values.end(),
                   [](float value) { return std::isfinite(value); })) {
    fail("ImageDataGenerator: an image with values that are not finite cannot be moved");
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = *least;
  const double unit = *most > *least ? (double{*most} - low) / 16777215 : 1.0;
  std::vector<std::uint32_t> numbers;
  for (const float value : values) {
    numbers.push_back(static_cast<std::uint32_t>(std::lround((value - low) / unit)));
  }
  const double beyond = (options.cval - low) / unit;
  std::vector<double> sums(values.size(), low);
  for (const int shift : {0, 8, 16}) {
    const double weight = 1 << shift;
    options.cval = shift == 16 ? static_cast<float>(beyond / weight) : 0.0F;
    const auto plane = warped_bytes(image, byte_plane(numbers, shift), moved, options);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += unit * weight * plane[i];
  }
  return {sums.begin(), sums.end()};
}

}  // namespace

ImageDataGenerator::ImageDataGenerator(ImageDataGeneratorOptions options)
    : options_(std::move(options)) {
  check_generator_options(options_);
}

AugmentationConfig ImageDataGenerator::augmentation() const {
  AugmentationConfig config;
  config.labels = LabelRule::kAsKeras;
  config.rotation_range = options_.rotation_range;
  config.width_shift_range = options_.width_shift_range;
  config.height_shift_range = options_.height_shift_range;
  config.shear_range = options_.shear_range;
  config.zoom_range = options_.zoom_range;
  config.channel_shift_range = options_.channel_shift_range;
  config.fill_mode = options_.fill_mode;
  config.cval = options_.cval;
  config.interpolation_order = options_.interpolation_order;
  config.horizontal_flip = options_.horizontal_flip;
  config.vertical_flip = options_.vertical_flip;
  config.brightness_range = options_.brightness_range;
  return config;
}

InputConfig ImageDataGenerator::input(int size, int channels) const {
  InputConfig input;
  input.size = size;
  input.color_mode = channels == 3 ? ColorMode::kRgb : ColorMode::kGrayscale;
  input.dct_scaling = false;
  input.exif_orientation = false;
  input.mean.assign(static_cast<std::size_t>(channels), 0.0);
  input.scale.assign(static_cast<std::size_t>(channels), 1.0);
  const double rescale = options_.rescale.value_or(0);
  if (rescale != 0) input.rescale = rescale;
  input.samplewise_center = options_.samplewise_center;
  input.samplewise_std_normalization = options_.samplewise_std_normalization;
  input.featurewise_center = options_.featurewise_center;
  input.featurewise_std_normalization = options_.featurewise_std_normalization;
  input.zca_whitening = options_.zca_whitening;
  input.zca_epsilon = options_.zca_epsilon;
  return with_implied_switches(input);
}

Standardizer ImageDataGenerator::standardizer(int size, int channels) const {
  InputConfig with_statistics = input(size, channels);
  with_statistics.feature_mean = mean();
  with_statistics.feature_std = std();
  if (with_statistics.featurewise_center && mean().empty()) {
    fail(
        "ImageDataGenerator: featurewise_center, featurewise_std_normalization and zca_whitening "
        "need fit() to be called first");
  }
  return Standardizer(with_statistics, zca_whitening_matrix());
}

void ImageDataGenerator::fit(const at::Tensor& x, const FitOptions& options) {
  if (x.dim() != 4 || x.size(0) < 1) {
    fail("ImageDataGenerator::fit: images of shape {}; it must have 4 axes, images first",
         c10::str(x.sizes()));
  }
  if (options.rounds < 1) {
    fail("ImageDataGenerator::fit: rounds is {}; it must be at least 1", options.rounds);
  }
  const FloatImage first = to_hwc(x[0], options_.data_format);
  InputConfig unscaled = input(first.size, first.channels);
  const auto rescale = static_cast<float>(unscaled.rescale);
  unscaled.rescale = 1;  // as in Keras it comes before the augmentation here
  const std::int64_t count = x.size(0);
  const auto image = [&](std::int64_t i) {
    const at::Tensor rescaled = x[i % count].to(at::kFloat).mul(rescale);
    const auto seed = derive_seed(options.seed, fmt::format("fit {}", i));
    return to_hwc(options.augment ? random_transform(rescaled, seed) : rescaled,
                  options_.data_format)
        .values;
  };
  fitted_ = fit_input(unscaled, options.augment ? count * options.rounds : count, image);
}

at::Tensor ImageDataGenerator::standardize(const at::Tensor& x) const {
  FloatImage image = to_hwc(x, options_.data_format);
  if (options_.preprocessing_function) {
    const at::Tensor before = from_hwc(image, DataFormat::kChannelsLast);
    const auto shape = before.sizes().vec();
    const at::Tensor after = options_.preprocessing_function(before);
    if (after.sizes() != at::IntArrayRef(shape)) {
      fail("ImageDataGenerator: preprocessing_function returned shape {}; it must keep {}",
           c10::str(after.sizes()), c10::str(at::IntArrayRef(shape)));
    }
    image = to_hwc(after, DataFormat::kChannelsLast);
  }
  standardizer(image.size, image.channels).apply(image.values.data(), image.values.data());
  return from_hwc(std::move(image), options_.data_format);
}

AugmentationParameters ImageDataGenerator::get_random_transform(int size,
                                                                std::uint64_t seed) const {
  Random random(derive_seed(seed, "augmentation"));
  return draw_augmentation(augmentation(), size, random);
}

at::Tensor ImageDataGenerator::apply_transform(const at::Tensor& x,
                                               const AugmentationParameters& parameters) const {
  FloatImage image = to_hwc(x, options_.data_format);
  image.values =
      warped(image, augmentation_affine(parameters, image.size),
             {options_.fill_mode, static_cast<float>(options_.cval), options_.interpolation_order});
  float* pixels = image.values.data();
  if (parameters.channel_shift != 0) {
    shift_channels(pixels, image.values.size(), parameters.channel_shift);
  }
  if (options_.brightness_range || parameters.brightness != 1) {
    scale_brightness(pixels, image.values.size(), parameters.brightness);
  }
  return from_hwc(std::move(image), options_.data_format);
}

at::Tensor ImageDataGenerator::random_transform(const at::Tensor& x, std::uint64_t seed) const {
  const int size = to_hwc(x, options_.data_format).size;
  return apply_transform(x, get_random_transform(size, seed));
}

}  // namespace mobireg
