#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace mobireg {

using Interval = std::pair<double, double>;

/// A number is drawn uniformly from [low, high); in JSON a pair, or one number for both.
struct Range {
  double low = 0;
  double high = 0;
};

/// Keras's zoom_range: in JSON a pair, or one number z for [1 - z, 1 + z].
struct ZoomRange {
  double low = 1;
  double high = 1;
};

/// Keras's width_shift_range and height_shift_range. In JSON:
///   0.1 or 3.0  uniform in either direction, a fraction of the side below 1, else pixels
///   2           a whole number of pixels of {-1, 0, 1}: below 2, in either direction
///   [..]        one of these numbers, in either direction; fractions where all are below 1
struct ShiftRange {
  enum class Form { kUniform, kWhole, kList };
  Form form = Form::kUniform;
  std::vector<double> values{0.0};  // one, unless kList

  static ShiftRange uniform(double range) { return {Form::kUniform, {range}}; }
};

/// What lies beyond the image's border, as in Keras (scipy.ndimage): `kNearest` aaaa|abcd|dddd,
/// `kConstant` the value `cval`, `kReflect` dcba|abcd|dcba, `kWrap` abcd|abcd|abcd.
enum class FillMode { kNearest, kConstant, kReflect, kWrap };

/// `kFollow`: what moves the image moves the labels with it. `kAsKeras`: labels stay as they are.
enum class LabelRule { kFollow, kAsKeras };

enum class PixelOperation {
  kGaussianBlur,
  kDropout,
  kAdditiveGaussianNoise,
  kJpegCompression,
  kMotionBlur,
  kDownscale,
  kGamma,
  kContrast,
  kHue,
  kSaturation,
  kGrayscale,
  kRandomErasing,
};

/// One operation on the pixels, as floats of 0 to 255. Each takes some of the ranges, from which
/// one value an image is drawn; `resolve_config` fills in those it takes and were left open, and
/// refuses the others. docs/augmentation.md says what each does.
struct PixelOperationConfig {
  PixelOperation name = PixelOperation::kGaussianBlur;
  std::optional<Range> sigma;       // gaussian_blur: standard deviation, pixels
  std::optional<Range> p;           // dropout: probability that a pixel becomes 0
  std::optional<Range> loc;         // additive_gaussian_noise: mean, of 0 to 255
  std::optional<Range> scale;       // additive_gaussian_noise: standard deviation, of 0 to 255
  std::optional<Range> quality;     // jpeg_compression: 1 to 100
  std::optional<Range> length;      // motion_blur: pixels
  std::optional<Range> angle;       // motion_blur: degrees from the x axis, clockwise as seen
  std::optional<Range> factor;      // downscale, contrast, saturation
  std::optional<Range> gamma;       // gamma: exponent of pixel / 255
  std::optional<Range> degrees;     // hue: turn of the colour wheel
  std::optional<Range> amount;      // grayscale: 0 (as it was) to 1 (grey)
  std::optional<Range> area;        // random_erasing: fraction of the image
  std::optional<Range> aspect;      // random_erasing: height over width
  std::optional<bool> per_channel;  // noise and dropout: drawn for each channel apart
};

/// With `probability`, one of the operations, each as likely as the others. (imgaug's
/// Sometimes(probability, OneOf(...)).)
struct AugmentationStep {
  double probability = 1.0;
  std::vector<PixelOperationConfig> one_of;
};

/// Keras's ImageDataGenerator: names, units, order and meaning are those of tf.keras 2.15.1. Each
/// value is drawn for each image; `steps` follow, in the place of Keras's preprocessing_function.
struct AugmentationConfig {
  LabelRule labels = LabelRule::kFollow;
  double rotation_range = 0.0;  // degrees, either way
  ShiftRange width_shift_range;
  ShiftRange height_shift_range;
  double shear_range = 0.0;    // degrees, either way
  ZoomRange zoom_range;        // x and y drawn apart; below 1 enlarges
  bool zoom_together = false;  // x and y are drawn as one: the face keeps its shape (not in Keras)
  double channel_shift_range = 0.0;
  FillMode fill_mode = FillMode::kNearest;
  double cval = 0.0;            // 0 to 255
  int interpolation_order = 1;  // of the spline: 0 nearest, 1 linear, up to 5
  bool horizontal_flip = false;
  bool vertical_flip = false;
  std::optional<Interval> brightness_range;
  std::vector<AugmentationStep> steps;
};

}  // namespace mobireg
