#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "deploy/network.h"
#include "hashed_bits.h"

namespace mobireg {

/// Values of -scale to scale.
inline std::vector<float> hashed_values(const std::string& name, std::size_t count, double scale) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>(hashed_bits(name, i) >> 40) / 16777216.0 * 2 - 1;
    values[i] = static_cast<float>(scale * u);
  }
  return values;
}

struct HashedHead {
  std::string name;
  int hidden = 16;  // 0: none
  int outputs = 1;
};

struct HashedNetworkOptions {
  int input_size = 64;
  int channels = 3;
  double alpha = 0.25;
  int depth_multiplier = 1;
  bool normalization = true;
  std::vector<HashedHead> heads{{"pitch"}, {"yaw"}, {"roll"}};
};

inline ConvolutionLayer hashed_convolution(const std::string& name, int in, int out, int kernel,
                                           int stride, int groups) {
  ConvolutionLayer conv;
  conv.name = name;
  conv.in_channels = in;
  conv.out_channels = out;
  conv.kernel = kernel;
  conv.stride = stride;
  conv.groups = groups;
  conv.pad_begin = kernel == 3 && stride == 1 ? 1 : 0;
  conv.pad_end = kernel == 3 ? 1 : 0;
  const int fan_in = in / groups * kernel * kernel;
  const auto count = static_cast<std::size_t>(out) * static_cast<std::size_t>(fan_in);
  conv.weight = hashed_values(name + ".weight", count, 2.5 / std::sqrt(fan_in));
  conv.bias = hashed_values(name + ".bias", static_cast<std::size_t>(out), 0.5);
  return conv;
}

inline DenseLayer hashed_dense(const std::string& name, int inputs, int outputs, bool relu) {
  const auto count = static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs);
  DenseLayer dense;
  dense.name = name;
  dense.inputs = inputs;
  dense.outputs = outputs;
  dense.relu = relu;
  dense.weight = hashed_values(name + ".weight", count, 1.5 / std::sqrt(inputs));
  dense.bias = hashed_values(name + ".bias", static_cast<std::size_t>(outputs), 0.5);
  return dense;
}

inline NetworkHead hashed_head(const HashedHead& options, int features) {
  NetworkHead head{options.name, {}};
  if (options.hidden > 0) {
    head.layers.push_back(hashed_dense(options.name + "_hidden", features, options.hidden, true));
    features = options.hidden;
  }
  head.layers.push_back(hashed_dense(options.name + "_output", features, options.outputs, false));
  return head;
}

/// MobileNetV1 with weights from the hash, of a size that keeps its outputs lively.
inline Network hashed_network(const HashedNetworkOptions& options = {}) {
  constexpr int kWidth[] = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
  constexpr int kStride[] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
  const auto scaled = [&](int width) { return static_cast<int>(width * options.alpha); };
  Network network;
  network.input_size = options.input_size;
  network.input_channels = options.channels;
  if (options.normalization) {
    network.normalization.mean = {123.5F, 117, 104};
    network.normalization.scale = {58, 57.25F, 59};
    network.normalization.mean.resize(static_cast<std::size_t>(options.channels));
    network.normalization.scale.resize(static_cast<std::size_t>(options.channels));
  }
  int width = scaled(32);
  network.convolutions.push_back(hashed_convolution("conv1", options.channels, width, 3, 2, 1));
  for (int i = 0; i < 13; ++i) {
    const std::string block = std::to_string(i + 1);
    const int wide = width * options.depth_multiplier;
    network.convolutions.push_back(
        hashed_convolution("conv_dw_" + block, width, wide, 3, kStride[i], width));
    width = scaled(kWidth[i]);
    network.convolutions.push_back(hashed_convolution("conv_pw_" + block, wide, width, 1, 1, 1));
  }
  network.pool_size = options.input_size / 32;
  for (const HashedHead& head : options.heads) {
    network.heads.push_back(hashed_head(head, width));
  }
  return network;
}

/// Rounds a layer's weights, one scale an output channel (or, `scales` given, that many groups).
template <typename Layer>
void round_weights(Layer& layer, float input_scale, std::size_t scales = 0) {
  const std::size_t outputs = layer.bias.size();
  const std::size_t inputs = layer.weight.size() / outputs;
  if (scales == 0) scales = outputs;
  std::vector<float> largest(scales, 0);
  for (std::size_t i = 0; i < layer.weight.size(); ++i) {
    float& of_group = largest[i / inputs * scales / outputs];
    of_group = std::max(of_group, std::fabs(layer.weight[i]));
  }
  Int8Layer int8;
  int8.input_scale = input_scale;
  for (std::size_t i = 0; i < outputs; ++i) {
    int8.weight_scale.push_back(largest[i * scales / outputs] / 127);
  }
  for (std::size_t i = 0; i < layer.weight.size(); ++i) {
    const float scale = int8.weight_scale[i / inputs];
    int8.weight.push_back(scale == 0
                              ? std::int8_t{0}
                              : static_cast<std::int8_t>(std::round(layer.weight[i] / scale)));
  }
  layer.int8 = std::move(int8);
  layer.weight.clear();
}

/// All but the first convolution and the heads' last layers, as an export does it.
inline void round_to_int8(Network& network) {
  for (std::size_t i = 1; i < network.convolutions.size(); ++i) {
    ConvolutionLayer& conv = network.convolutions[i];
    round_weights(conv, 6.0F / 127, conv.groups > 1 ? static_cast<std::size_t>(conv.groups) : 0);
  }
  for (NetworkHead& head : network.heads) {
    if (head.layers.size() > 1) round_weights(head.layers[0], 6.0F / 127);
  }
}

/// One head without a hidden layer, grey images, two outputs of each input channel.
inline Network landmarks_network() {
  HashedNetworkOptions options;
  options.channels = 1;
  options.input_size = 96;
  options.depth_multiplier = 2;
  options.heads = {{"landmarks", 0, 136}};
  return hashed_network(options);
}

inline Network rounded_to_int8(Network network) {
  round_to_int8(network);
  return network;
}

}  // namespace mobireg
