#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/network.h"

namespace mobireg {

enum class Int8Target {
  kOnnx,  // inputs 0 to 255, weights -63 to 63: two products fit into 16 bits, as processors without
          // VNNI need it
  kNcnn,  // inputs and weights -127 to 127
};

/// How the largest input that a layer still tells apart is found: the largest there was; the one
/// that 0.1 per mille of the inputs exceed; the one with the least mean square error of rounding.
enum class RangeMethod { kMinMax, kPercentile, kMse };

struct QuantizeOptions {
  Int8Target target = Int8Target::kOnnx;
  std::vector<std::string> float_layers;  // besides the first convolution and the heads' last layers
};

/// What became of one layer.
struct QuantizedLayer {
  std::string name;
  bool int8 = false;
  RangeMethod method = RangeMethod::kMinMax;
  float range = 0;   // largest input
  double error = 0;  // of the int8 network here: RMS difference of its output (after its activation)
                     // from the float network's, over the RMS of the latter
};

struct QuantizedNetwork {
  Network network;
  std::vector<QuantizedLayer> layers;
  double output_error = 0;  // on the calibration images: mean |difference| of the outputs over each
                            // output's standard deviation
};

/// Post-training quantisation: the network with whole numbers in place of its layers' floats.
/// Weights have a scale an output channel. Channels are equalised first (Nagel et al., "Data-free
/// quantization through weight equalization and bias correction", ICCV 2019), as far as ReLU6
/// allows; each layer's mean shift is put into its bias, in the network's order, so that later
/// layers are fitted to what they will see. Of several ways, each run on `images`, the one with the
/// least output error is kept.
/// images: (N, channels, size, size) float, N at least 1, as the network takes them (0 to 255 where
/// it has a normalisation). Throws Error when there is no image or an unknown layer is named.
QuantizedNetwork quantize(const Network& network, const at::Tensor& images,
                          const QuantizeOptions& options);

}  // namespace mobireg
