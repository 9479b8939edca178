#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deploy/network.h"
#include "hashed_bits.h"

namespace mobireg {

/// lowest to highest, the same in every program.
inline std::vector<float> hashed_floats(const std::string& name, std::int64_t count, double lowest,
                                        double highest) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double u = static_cast<double>(hashed_bits(name, i) >> 11) / 9007199254740992.0;
    values[i] = static_cast<float>(lowest + (highest - lowest) * u);
  }
  return values;
}

struct MadeNetwork {
  int size = 32;
  double alpha = 0.25;
  int channels = 3;
  bool normalized = true;          // has a mean and a scale
  std::vector<int> hidden{16, 0};  // of each head; 0: no hidden layer
  int depth_multiplier = 1;
};

inline ConvolutionLayer made_convolution(const std::string& name, int in, int out, int kernel,
                                         int stride, int groups) {
  ConvolutionLayer layer;
  layer.name = name;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.kernel = kernel;
  layer.stride = stride;
  layer.groups = groups;
  layer.pad_begin = kernel == 3 && stride == 1 ? 1 : 0;
  layer.pad_end = kernel == 3 ? 1 : 0;
  const int inputs = in / groups * kernel * kernel;
  const double range = std::sqrt(6.0 / inputs);  // keeps the activations' size, layer by layer
  layer.weight = hashed_floats(name, std::int64_t{out} * inputs, -range, range);
  layer.bias = hashed_floats(name + "_bias", out, -0.1, 0.5);
  return layer;
}

inline DenseLayer made_dense(const std::string& name, int inputs, int outputs, bool relu) {
  DenseLayer layer;
  layer.name = name;
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.relu = relu;
  const double range = std::sqrt(3.0 / inputs);
  layer.weight = hashed_floats(name, std::int64_t{inputs} * outputs, -range, range);
  layer.bias = hashed_floats(name + "_bias", outputs, -0.5, 0.5);
  return layer;
}

inline NetworkHead made_head(const std::string& name, int features, int hidden, int outputs) {
  NetworkHead head{name, {}};
  if (hidden > 0) {
    head.layers.push_back(made_dense(name + "_hidden", features, hidden, true));
    features = hidden;
  }
  head.layers.push_back(made_dense(name + "_output", features, outputs, false));
  return head;
}

/// MobileNet with folded weights of no meaning. Head i has i + 1 outputs.
inline Network made_network(const MadeNetwork& made) {
  const auto scaled = [&](int channels) { return static_cast<int>(channels * made.alpha); };
  constexpr int kChannels[] = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
  constexpr int kStrides[] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
  Network network;
  network.input_size = made.size;
  network.input_channels = made.channels;
  if (made.normalized) {
    network.normalization.mean = hashed_floats("mean", made.channels, 90, 130);
    network.normalization.scale = hashed_floats("scale", made.channels, 50, 70);
  }
  int channels = scaled(32);
  network.convolutions.push_back(made_convolution("conv1", made.channels, channels, 3, 2, 1));
  for (int i = 0; i < 13; ++i) {
    const std::string number = std::to_string(i + 1);
    const int wide = channels * made.depth_multiplier;
    network.convolutions.push_back(
        made_convolution("conv_dw_" + number, channels, wide, 3, kStrides[i], channels));
    channels = scaled(kChannels[i]);
    network.convolutions.push_back(made_convolution("conv_pw_" + number, wide, channels, 1, 1, 1));
  }
  network.pool_size = made.size / 32;
  for (std::size_t i = 0; i < made.hidden.size(); ++i) {
    network.heads.push_back(
        made_head("head" + std::to_string(i), channels, made.hidden[i], static_cast<int>(i) + 1));
  }
  return network;
}

/// Whole numbers of 0 to 255, or what a normalised network is fed.
inline std::vector<float> made_images(const Network& network, std::int64_t count) {
  const std::int64_t values =
      count * network.input_channels * network.input_size * network.input_size;
  if (network.normalization.mean.empty()) return hashed_floats("images", values, -2, 2);
  std::vector<float> pixels = hashed_floats("images", values, 0, 256);
  for (float& pixel : pixels) pixel = std::floor(pixel);
  return pixels;
}

}  // namespace mobireg
