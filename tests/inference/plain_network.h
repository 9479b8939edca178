#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "deploy/network.h"

namespace mobireg {

/// The network in double precision, loop by loop as deploy/network.h says it.
class PlainNetwork {
 public:
  explicit PlainNetwork(const Network& network) : network_(network) {}

  /// pixels: (count, channels, size, size). Returns (count, outputs).
  std::vector<double> run(const std::vector<float>& pixels, std::int64_t count) const {
    const auto image = static_cast<std::int64_t>(network_.input_channels) * network_.input_size *
                       network_.input_size;
    std::vector<double> outputs;
    for (std::int64_t i = 0; i < count; ++i) run_image(pixels.data() + i * image, outputs);
    return outputs;
  }

 private:
  using Values = std::vector<double>;

  static double rounded(double x, double scale, double lowest, double highest) {
    return std::clamp(std::nearbyint(x / scale), lowest, highest);
  }

  static void round_input(Values& x, const std::optional<Int8Layer>& int8) {
    if (!int8) return;
    for (double& value : x) {
      value = rounded(value, static_cast<double>(int8->input_scale),
                      int8->input_unsigned ? 0 : -127, int8->input_unsigned ? 255 : 127);
    }
  }

  template <class Layer>
  static double weight(const Layer& layer, std::int64_t i) {
    return layer.int8 ? static_cast<double>(layer.int8->weight[i])
                      : static_cast<double>(layer.weight[i]);
  }

  template <class Layer>
  static double finish(const Layer& layer, double sum, int output) {
    if (layer.int8) {
      sum *= static_cast<double>(layer.int8->input_scale) *
             static_cast<double>(layer.int8->weight_scale[output]);
    }
    return sum + static_cast<double>(layer.bias[output]);
  }

  Values normalized(const float* pixels) const {
    const int plane = network_.input_size * network_.input_size;
    Values x;
    for (int i = 0; i < network_.input_channels * plane; ++i) {
      const auto pixel = static_cast<double>(pixels[i]);
      const InputNormalization& normalization = network_.normalization;
      x.push_back(normalization.mean.empty()
                      ? pixel
                      : (pixel - static_cast<double>(normalization.mean[i / plane])) /
                            static_cast<double>(normalization.scale[i / plane]));
    }
    return x;
  }

  static Values convolve(const ConvolutionLayer& layer, Values x, int size, int out_size) {
    round_input(x, layer.int8);
    const int in_a_group = layer.in_channels / layer.groups;
    const int out_a_group = layer.out_channels / layer.groups;
    Values y;
    for (int out = 0; out < layer.out_channels; ++out) {
      for (int row = 0; row < out_size; ++row) {
        for (int column = 0; column < out_size; ++column) {
          double sum = 0;
          for (int in = 0; in < in_a_group; ++in) {
            const int channel = out / out_a_group * in_a_group + in;
            for (int tap = 0; tap < layer.kernel * layer.kernel; ++tap) {
              const int i = row * layer.stride - layer.pad_begin + tap / layer.kernel;
              const int j = column * layer.stride - layer.pad_begin + tap % layer.kernel;
              if (i < 0 || i >= size || j < 0 || j >= size) continue;
              sum +=
                  x[(channel * size + i) * size + j] *
                  weight(layer,
                         (std::int64_t{out} * in_a_group + in) * layer.kernel * layer.kernel + tap);
            }
          }
          y.push_back(std::clamp(finish(layer, sum, out), 0.0, 6.0));
        }
      }
    }
    return y;
  }

  Values pooled(const Values& x, int size) const {
    const int plane = size * size;
    Values y(x.size() / static_cast<std::size_t>(plane));
    for (std::size_t i = 0; i < x.size(); ++i) {
      double value = x[i];
      if (network_.pool_input_scale) {
        const auto scale = static_cast<double>(*network_.pool_input_scale);
        value = rounded(value, scale, 0, 255) * scale;
      }
      y[i / static_cast<std::size_t>(plane)] += value / plane;
    }
    return y;
  }

  static Values dense(const DenseLayer& layer, Values x) {
    round_input(x, layer.int8);
    if (!layer.int8 && layer.input_scale) {
      const auto scale = static_cast<double>(*layer.input_scale);
      for (double& value : x) value = rounded(value, scale, 0, 255) * scale;
    }
    Values y;
    for (int out = 0; out < layer.outputs; ++out) {
      double sum = 0;
      for (int in = 0; in < layer.inputs; ++in) {
        sum += x[in] * weight(layer, std::int64_t{out} * layer.inputs + in);
      }
      const double value = finish(layer, sum, out);
      y.push_back(layer.relu ? std::max(value, 0.0) : value);
    }
    return y;
  }

  void run_image(const float* pixels, Values& outputs) const {
    Values x = normalized(pixels);
    int size = network_.input_size;
    for (const ConvolutionLayer& layer : network_.convolutions) {
      const int out_size =
          (size + layer.pad_begin + layer.pad_end - layer.kernel) / layer.stride + 1;
      x = convolve(layer, std::move(x), size, out_size);
      size = out_size;
    }
    const Values features = pooled(x, size);
    for (const NetworkHead& head : network_.heads) {
      Values y = features;
      for (const DenseLayer& layer : head.layers) y = dense(layer, std::move(y));
      outputs.insert(outputs.end(), y.begin(), y.end());
    }
  }

  const Network& network_;
};

}  // namespace mobireg
