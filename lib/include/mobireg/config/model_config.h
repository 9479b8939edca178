#pragma once

#include <string>
#include <vector>

namespace mobireg {

enum class ColorMode { kRgb, kGrayscale };

/// How an image is brought to the network's input size. `kNearest` samples at pixel centres, as
/// Pillow and Keras do; `kArea` averages and is the one to shrink photographs with.
enum class Interpolation { kNearest, kBilinear, kArea };

/// Unit of an output and of its label. Angles are reported in degrees whatever their unit.
/// `kImage`: fraction of the image's side (0 left or top, 1 right or bottom).
enum class Unit { kRadians, kDegrees, kImage, kPixels, kNone };

/// What the network is fed: `size` x `size` pixels (a positive multiple of 32), 0 to 255, of which
/// `(pixel - mean) / scale` is taken, one value for all channels or one a channel.
struct InputConfig {
  int size = 64;
  ColorMode color_mode = ColorMode::kRgb;
  Interpolation interpolation = Interpolation::kNearest;
  std::vector<double> mean{123.0};
  std::vector<double> scale{58.0};

  int channels() const { return color_mode == ColorMode::kRgb ? 3 : 1; }
};

struct OutputConfig {
  std::string name;
  Unit unit = Unit::kNone;
};

/// Dense `hidden` - ReLU - Dropout - Dense, giving `outputs` (names of the model's outputs).
struct HeadConfig {
  std::string name;
  std::vector<std::string> outputs;
  int hidden = 128;  // 0: no hidden layer
  double dropout = 0.2;
  double loss_weight = 1.0;
};

/// A MobileNet regressor. No heads given: one head an output.
struct ModelConfig {
  InputConfig input;
  std::vector<OutputConfig> outputs{
      {"pitch", Unit::kRadians}, {"yaw", Unit::kRadians}, {"roll", Unit::kRadians}};
  double alpha = 1.0;  // width multiplier
  int depth_multiplier = 1;
  std::vector<HeadConfig> heads;
  std::string convention;  // what the outputs' axes and signs mean, for people
};

}  // namespace mobireg
