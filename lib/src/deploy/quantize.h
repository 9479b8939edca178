#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "deploy/network.h"

namespace mobireg {

enum class Int8Target {
  kOnnx,  // inputs 0 to 255, weights -63 to 63: two products fit into 16 bits, where processors
          // without VNNI add them
  kNcnn,  // inputs and weights -127 to 127
};

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
};

struct QuantizeOptions {
  Int8Target target = Int8Target::kOnnx;
  std::vector<std::string> float_layers;  // besides the first convolution and the heads' last layers
  std::optional<QuantizeRecipe> recipe;   // unset: the best of several
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

struct QuantizedNetwork {
  Network network;
  QuantizeRecipe recipe;
  std::vector<QuantizedLayer> layers;
};

/// Post-training quantisation: whole numbers in place of the layers' floats. Weights have a scale an
/// output channel, of least square error; channels are equalised as far as ReLU6 allows, and each
/// layer's mean shift goes into its bias, layer by layer, so that later ones are fitted to what they
/// will see (Nagel et al., "Data-free quantization through weight equalization and bias correction",
/// ICCV 2019). Recipes are fitted to three quarters of the images and judged by the outputs' error
/// on the rest; the best is fitted to all.
/// images: (N, channels, size, size) float, as the network takes them (0 to 255 where it has a
/// normalisation). Throws Error when there is no image or `float_layers` names an unknown layer.
QuantizedNetwork quantize(const Network& network, const at::Tensor& images,
                          const QuantizeOptions& options);

}  // namespace mobireg
