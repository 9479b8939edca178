#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "deploy/network.h"
#include "mobireg/deploy/int8.h"

namespace mobireg {

enum class Int8Target {
  kOnnx,  // inputs 0 to 255, weights -63 to 63: two products fit into 16 bits, where processors
          // without VNNI add them
  kNcnn   // inputs and weights -127 to 127
};

struct QuantizeOptions {
  Int8Target target = Int8Target::kOnnx;
  std::vector<std::string> float_layers;  // besides the first convolution, each head's last layer
  std::optional<QuantizeRecipe> recipe;   // unset: the best of several
};

struct QuantizedNetwork {
  Network network;
  QuantizeRecipe recipe;
  std::vector<QuantizedLayer> layers;
};

/// Post-training quantisation: whole numbers in place of the layers' floats. Weights have a scale
/// an output channel, of least square error; channels are equalised as far as ReLU6 allows, and
/// each layer's mean shift goes into its bias, layer by layer, so that later ones are fitted to
/// what they will see (Nagel et al., "Data-free quantization through weight equalization and bias
/// correction", ICCV 2019). Recipes are fitted to three quarters of (at most 256) images and judged
/// by the outputs' error on the rest; the best is fitted to all. images: (N, channels, size, size)
/// float, as the network takes them (0 to 255 where it has a normalisation). Throws Error when
/// there is no image or `float_layers` names an unknown layer.
QuantizedNetwork quantize(const Network& network, const at::Tensor& images,
                          const QuantizeOptions& options);

}  // namespace mobireg
