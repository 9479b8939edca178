#include "inference/network_checks.h"

#include <cmath>

#include "core/fail.h"

namespace mobireg {
namespace {

void check_counts(const std::string& name, std::int64_t weights, std::int64_t expected,
                  std::int64_t biases, std::int64_t outputs) {
  if (weights != expected) fail("layer {}: {} weights, not {}", name, weights, expected);
  if (biases != outputs) fail("layer {}: {} biases, not {}", name, biases, outputs);
}

void check_scale(const std::string& name, float scale) {
  if (!(scale > 0 && std::isfinite(scale))) {
    fail("layer {}: its input is rounded by a scale of {}; it must be positive", name, scale);
  }
}

template <typename Layer>
void check_weights(const Layer& layer, std::int64_t expected, std::int64_t outputs) {
  const auto count = [](const auto& values) { return static_cast<std::int64_t>(values.size()); };
  check_counts(layer.name, layer.int8 ? count(layer.int8->weight) : count(layer.weight), expected,
               count(layer.bias), outputs);
  if (!layer.int8) return;
  if (count(layer.int8->weight_scale) != outputs) {
    fail("layer {}: {} weight scales, not {}", layer.name, layer.int8->weight_scale.size(),
         outputs);
  }
  check_scale(layer.name, layer.int8->input_scale);
}

void check_sizes(const ConvolutionLayer& layer) {
  if (layer.kernel < 1 || layer.stride < 1 || layer.groups < 1 || layer.out_channels < 1) {
    fail("layer {}: kernel {}, stride {}, groups {}, {} channels; all must be positive", layer.name,
         layer.kernel, layer.stride, layer.groups, layer.out_channels);
  }
  const auto allowed = [&](int padding) { return padding >= 0 && padding < layer.kernel; };
  if (!allowed(layer.pad_begin) || !allowed(layer.pad_end)) {
    fail("layer {}: padding of {} and {} pixels; the kernel has {}", layer.name, layer.pad_begin,
         layer.pad_end, layer.kernel);
  }
}

/// The form that the layer at this place must have.
void check_form(const ConvolutionLayer& layer, std::size_t index) {
  const bool pointwise = layer.kernel == 1 && layer.groups == 1 && layer.stride == 1 &&
                         layer.pad_begin == 0 && layer.pad_end == 0;
  const bool depthwise = layer.kernel == 3 && layer.groups == layer.in_channels &&
                         layer.out_channels % layer.in_channels == 0;
  if (index == 0 && layer.groups != 1) {
    fail("layer {}: the first convolution cannot have groups", layer.name);
  }
  if (index % 2 == 1 && !depthwise) {
    fail("layer {}: a 3x3 depthwise convolution must be in its place", layer.name);
  }
  if (index > 0 && index % 2 == 0 && !pointwise) {
    fail("layer {}: a pointwise convolution must be in its place", layer.name);
  }
}

void check_convolutions(const Network& network) {
  int channels = network.input_channels;
  int size = network.input_size;
  for (std::size_t i = 0; i < network.convolutions.size(); ++i) {
    const ConvolutionLayer& layer = network.convolutions[i];
    if (layer.in_channels != channels) {
      fail("layer {}: takes {} channels, but gets {}", layer.name, layer.in_channels, channels);
    }
    check_sizes(layer);
    check_form(layer, i);
    check_weights(layer,
                  std::int64_t{layer.out_channels} * (layer.in_channels / layer.groups) *
                      layer.kernel * layer.kernel,
                  layer.out_channels);
    if (size + layer.pad_begin + layer.pad_end < layer.kernel) {
      fail("layer {}: its input of {}x{} pixels is too small", layer.name, size, size);
    }
    size = output_size(layer, size);
    channels = layer.out_channels;
  }
  if (size != network.pool_size) {
    fail("the pooling is over {0}x{0} pixels, but the last map has {1}x{1}", network.pool_size,
         size);
  }
}

void check_head(const NetworkHead& head, int features) {
  if (head.layers.empty()) fail("head {}: no layers", head.name);
  for (const DenseLayer& layer : head.layers) {
    if (layer.inputs != features) {
      fail("layer {}: takes {} values, but gets {}", layer.name, layer.inputs, features);
    }
    if (layer.outputs < 1) fail("layer {}: {} outputs", layer.name, layer.outputs);
    check_weights(layer, std::int64_t{layer.inputs} * layer.outputs, layer.outputs);
    if (layer.input_scale) check_scale(layer.name, *layer.input_scale);
    features = layer.outputs;
  }
}

}  // namespace

int output_size(const ConvolutionLayer& layer, int size) {
  return (size + layer.pad_begin + layer.pad_end - layer.kernel) / layer.stride + 1;
}

void check_network(const Network& network) {
  const std::size_t convolutions = network.convolutions.size();
  if (convolutions < 3 || convolutions % 2 == 0) {
    fail("{} convolutions; a network of one and pairs of two was expected", convolutions);
  }
  if (network.input_size < 1 || network.input_channels < 1) {
    fail("an input of {0}x{0} pixels and {1} channels", network.input_size, network.input_channels);
  }
  if (network.heads.empty()) fail("the network has no heads");
  const InputNormalization& normalization = network.normalization;
  const auto channels = static_cast<std::size_t>(network.input_channels);
  if (normalization.mean.size() != normalization.scale.size() ||
      (!normalization.mean.empty() && normalization.mean.size() != channels)) {
    fail("{} means and {} scales for {} channels", normalization.mean.size(),
         normalization.scale.size(), channels);
  }
  check_convolutions(network);
  if (network.pool_input_scale) check_scale("pool", *network.pool_input_scale);
  for (const NetworkHead& head : network.heads) {
    check_head(head, network.convolutions.back().out_channels);
  }
}

}  // namespace mobireg
