#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/deploy/model_card.h"

namespace mobireg {

/// How the largest input that a layer still tells apart is found.
enum class RangeMethod {
  kMinMax,      // the largest there was
  kPercentile,  // beyond which 0.1 per mille of the inputs are
  kMse          // the one with the least mean square error of rounding
};

/// One way to quantise.
struct QuantizeRecipe {
  /// How far the channels that pointwise convolutions and Dense layers read are equalised first, 0
  /// (not) to 1 (fully). Unset: no layer's channels are.
  std::optional<double> equalization;
  std::optional<RangeMethod> method;  // unset: each layer's is that of least error in its output

  /// "channels equalised (0.5), ranges by square error".
  std::string to_string() const;
};

/// What became of one layer.
struct QuantizedLayer {
  std::string name;
  bool int8 = false;
  RangeMethod method = RangeMethod::kMinMax;
  float range = 0;   // largest input
  double error = 0;  // RMS difference of its output, activation included, from the float network's,
                     // over the RMS of the latter; it includes that of the layers before
};

/// (N, channels, size, size) float pixels of 0 to 255 to (N, outputs) float.
using PixelsToOutputs = std::function<at::Tensor(const at::Tensor& pixels)>;

/// Layers in whole numbers, by post-training quantisation (docs/int8.md).
struct Int8Export {
  at::Tensor calibration;  // (N, channels, size, size) float of 0 to 255, such as it will see
  /// The errors on rows that it was not trained on, which decide whether the file is good enough.
  std::function<HeldOutErrors(const PixelsToOutputs& network)> judge;
  double max_loss = 3;                    // percent by which the mean error may grow
  bool force = false;                     // write the file all the same
  std::vector<std::string> float_layers;  // besides the first convolution, each head's last layer
};

struct Int8Report {
  QuantizeRecipe recipe;
  std::vector<QuantizedLayer> layers;
  HeldOutErrors float_errors;  // of the checkpoint's network
  HeldOutErrors int8_errors;
  double loss = 0;                // percent by which the mean error grew
  std::uintmax_t float_size = 0;  // bytes of the same file in 32-bit floats
  /// Of one image in `Predictor`'s engine on one thread, which computes whole numbers in floats.
  double float_seconds = 0;
  double int8_seconds = 0;

  /// The recipe, a line an output, and the times.
  std::string to_string(const ModelConfig& model) const;
};

}  // namespace mobireg
