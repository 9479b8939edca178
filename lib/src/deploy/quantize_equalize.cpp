#include "deploy/quantize_equalize.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "deploy/quantize_layers.h"

namespace mobireg {
namespace {

constexpr float kRelu6 = 6;

/// Other images than those at hand may drive a channel further; ReLU6 would then cut it off.
constexpr float kRoom = 1.2F;
constexpr float kLargestFactor = 4;

std::vector<float> channel_maxima(const at::Tensor& x) {
  return to_vector(x.dim() == 4 ? x.amax({0, 2, 3}) : x.amax(0));
}

std::vector<float> channel_factors(const std::vector<float>& maxima, float range, double power) {
  std::vector<float> factors;
  for (const float largest : maxima) {
    const float factor =
        largest > 0 ? std::pow(range / (largest * kRoom), static_cast<float>(power)) : 1.0F;
    factors.push_back(std::clamp(factor, 1.0F, kLargestFactor));
  }
  return factors;
}

template <class Layer>
void scale_outputs(Layer& layer, const std::vector<float>& factors) {
  const std::size_t inputs = layer.weight.size() / factors.size();
  for (std::size_t i = 0; i < layer.weight.size(); ++i) layer.weight[i] *= factors[i / inputs];
  for (std::size_t i = 0; i < factors.size(); ++i) layer.bias[i] *= factors[i];
}

/// taps: weights of each input channel that follow one another.
void divide_inputs(std::vector<float>& weight, std::size_t taps,
                   const std::vector<float>& factors) {
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] /= factors[i / taps % factors.size()];
}

void divide_inputs(ConvolutionLayer& layer, const std::vector<float>& factors) {
  const std::size_t taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
  const bool depthwise = layer.groups > 1;
  const int outputs = depthwise ? layer.out_channels / layer.groups : 1;  // of an input channel
  divide_inputs(layer.weight, taps * static_cast<std::size_t>(outputs), factors);
}

void equalize_head(NetworkHead& head, at::Tensor x, double power) {
  for (std::size_t i = 0; i + 1 < head.layers.size(); ++i) {
    DenseLayer& layer = head.layers[i];
    x = activate(layer, apply_weight(layer, weight_of(layer), x) + torch::tensor(layer.bias));
    const std::vector<float> maxima = channel_maxima(x);
    const float range = *std::max_element(maxima.begin(), maxima.end());
    const std::vector<float> factors = channel_factors(maxima, range, power);
    scale_outputs(layer, factors);
    divide_inputs(head.layers[i + 1].weight, 1, factors);
    x = x * torch::tensor(factors);
  }
}

}  // namespace

Network equalized(Network network, const at::Tensor& images, double pointwise) {
  at::Tensor x = normalized(network, images);
  for (std::size_t i = 0; i < network.convolutions.size(); ++i) {
    ConvolutionLayer& layer = network.convolutions[i];
    const at::Tensor y = apply_weight(layer, weight_of(layer), x);
    x = activate(layer, y + a_channel(torch::tensor(layer.bias), y));
    const bool last = i + 1 == network.convolutions.size();
    const bool before_depthwise = !last && network.convolutions[i + 1].groups > 1;
    const std::vector<float> factors =
        channel_factors(channel_maxima(x), kRelu6, before_depthwise ? 1 : pointwise);
    scale_outputs(layer, factors);
    if (last) {
      for (NetworkHead& head : network.heads) divide_inputs(head.layers[0].weight, 1, factors);
    } else {
      divide_inputs(network.convolutions[i + 1], factors);
    }
    x = x * torch::tensor(factors).view({1, -1, 1, 1});
  }
  x = torch::avg_pool2d(x, network.pool_size).flatten(1);
  for (NetworkHead& head : network.heads) equalize_head(head, x, pointwise);
  return network;
}

}  // namespace mobireg
