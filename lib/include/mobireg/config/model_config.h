#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/loss_kind.h"

namespace mobireg {

enum class ColorMode { kRgb, kGrayscale };

/// How an image is brought to the network's input size. `kNearest` samples at pixel centres, as
/// Pillow and Keras do; `kArea` averages and is the one to shrink photographs with.
enum class Interpolation { kNearest, kBilinear, kArea };

/// Unit of an output and of its label. Angles are reported in degrees whatever their unit.
/// `kImage`: fraction of the image's side (0 left or top, 1 right or bottom).
enum class Unit { kRadians, kDegrees, kImage, kPixels, kNone };

/// What the network is fed: `size` x `size` pixels (a positive multiple of 32), 0 to 255, which go
/// through these steps, in Keras's order:
///   (pixel - mean) / scale, one value for all channels or one a channel; then * rescale;
///   samplewise: - the image's mean, / (its standard deviation + 1e-6);
///   featurewise: - feature_mean, / (feature_std + 1e-6), a channel each;
///   ZCA whitening.
/// feature_mean, feature_std and the whitening matrix are fitted to the training images, as they
/// are after the rescaling.
struct InputConfig {
  int size = 64;
  ColorMode color_mode = ColorMode::kRgb;
  Interpolation interpolation = Interpolation::kNearest;
  bool dct_scaling = true;       // decode a JPEG at the smallest scale that still reaches `size`
  bool exif_orientation = true;  // turn photographs as their EXIF data says
  std::vector<double> mean{123.0};
  std::vector<double> scale{58.0};
  double rescale = 1.0;
  bool samplewise_center = false;
  bool samplewise_std_normalization = false;
  bool featurewise_center = false;
  bool featurewise_std_normalization = false;
  std::vector<double> feature_mean{};  // empty until fitted
  std::vector<double> feature_std{};
  bool zca_whitening = false;
  double zca_epsilon = 1e-6;

  int channels() const { return color_mode == ColorMode::kRgb ? 3 : 1; }
};

/// What an output is, so that geometry can be applied to it: an angle of the head's pose
/// (convention: core/rotation.h), a coordinate in units of the image, or a plain number that does
/// not change when the image moves.
enum class OutputKind { kPlain, kPitch, kYaw, kRoll, kX, kY };

/// What mirroring the image does to a plain output.
enum class Mirror { kKeep, kNegate };

struct OutputConfig {
  std::string name;
  Unit unit = Unit::kNone;
  std::optional<OutputKind> kind{};  // unset: by name and unit (see resolve_config)
  std::optional<Mirror> mirror{};    // plain outputs only; unset: flips are refused
};

/// `kValues`: the last Dense gives the outputs. `kRotation`: it gives six numbers, two columns
/// which are made orthonormal to a rotation matrix (Zhou et al., 2019), of which pitch, yaw and
/// roll are the angles: without gimbal lock and jumps at 180 degrees.
enum class HeadForm { kValues, kRotation };

/// Dense `hidden` - ReLU - Dropout - Dense, giving `outputs` (names of the model's outputs).
struct HeadConfig {
  std::string name;
  std::vector<std::string> outputs;
  int hidden = 128;  // 0: no hidden layer
  double dropout = 0.2;
  double loss_weight = 1.0;
  HeadForm form = HeadForm::kValues;
  bool uncertainty = false;        // also gives the logarithm of each output's variance
  std::optional<LossKind> loss{};  // unset: training.loss
};

/// A MobileNet regressor. No heads given: one head an output.
struct ModelConfig {
  InputConfig input;
  std::vector<OutputConfig> outputs{
      {"pitch", Unit::kRadians}, {"yaw", Unit::kRadians}, {"roll", Unit::kRadians}};
  double alpha = 1.0;  // width multiplier
  int depth_multiplier = 1;
  std::vector<HeadConfig> heads;
  /// Point i (the i-th x and the i-th y output) becomes point mirror_map[i] in the mirrored image.
  std::vector<int> mirror_map;
  std::string convention;  // what the outputs' axes and signs mean, for people
};

}  // namespace mobireg
