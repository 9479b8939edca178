#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

// The network as inference needs it, without LibTorch: the one form that every exporter writes
// from, every reader of exported files makes, and the engines run.

/// Whole numbers in the place of a layer's floats: x is rounded to q = clamp(round(x /
/// input_scale), -127, 127), the sums of q * weight are exact, and sum * input_scale * weight_scale
/// + bias follows.
struct Int8Layer {
  std::vector<std::int8_t> weight;  // -127 to 127, in the float weight's order
  std::vector<float> weight_scale;  // one an output channel
  float input_scale = 1;            // one for the layer's whole input
  bool input_unsigned = false;      // q is clamped to 0 to 255 instead (inputs of 0 and above)
};

/// A convolution with its batch normalisation folded in, followed by ReLU6.
struct ConvolutionLayer {
  std::string name;  // Keras's: conv1, conv_dw_1, conv_pw_1, ...
  int in_channels = 0;
  int out_channels = 0;
  int kernel = 1;  // 1 or 3
  int stride = 1;
  int groups = 1;                 // 1, or in_channels (depthwise)
  int pad_begin = 0;              // zeros at the top and the left
  int pad_end = 0;                // zeros at the bottom and the right
  std::vector<float> weight;      // (out, in / groups, kernel, kernel)
  std::vector<float> bias;        // (out)
  std::optional<Int8Layer> int8;  // takes the place of `weight`, which may then be empty
};

struct DenseLayer {
  std::string name;  // head_hidden, head_output
  int inputs = 0;
  int outputs = 0;
  bool relu = false;
  std::vector<float> weight;  // (outputs, inputs)
  std::vector<float> bias;    // (outputs)
  std::optional<Int8Layer> int8;
  /// Of a float layer: its input is rounded all the same, as Network::pool_input_scale says.
  /// Runtimes compute a layer in whole numbers only where its input and its output are rounded.
  std::optional<float> input_scale;
};

/// A hidden layer with ReLU, or none; then the output layer.
struct NetworkHead {
  std::string name;
  std::vector<DenseLayer> layers;
};

/// Pixels of 0 to 255 to what the first convolution is fed: (pixel - mean) / scale, one value a
/// channel each. Both empty: the network is fed normalised values.
struct InputNormalization {
  std::vector<float> mean;
  std::vector<float> scale;
};

/// Input (N, channels, size, size); output (N, outputs), the heads' one after the other.
struct Network {
  int input_size = 0;
  int input_channels = 0;
  InputNormalization normalization;
  std::vector<ConvolutionLayer> convolutions;
  int pool_size = 0;  // the whole last map, pixels a side
  std::vector<NetworkHead> heads;
  /// Where given: the last map is rounded, before it is averaged, to
  /// clamp(round(x / scale), 0, 255) * scale.
  std::optional<float> pool_input_scale;

  int outputs() const {
    int count = 0;
    for (const NetworkHead& head : heads) count += head.layers.back().outputs;
    return count;
  }
};

}  // namespace mobireg
