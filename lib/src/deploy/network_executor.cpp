#include "deploy/network_executor.h"

#include <torch/types.h>

namespace mobireg {
namespace {

at::Tensor to_tensor(const std::vector<float>& values, at::IntArrayRef shape) {
  return torch::tensor(values).view(shape);
}

/// Whole numbers, as double.
at::Tensor rounded(const at::Tensor& x, float scale, bool is_unsigned) {
  return (x / scale)
      .round()
      .clamp(is_unsigned ? 0 : -127, is_unsigned ? 255 : 127)
      .to(torch::kDouble);
}

/// The multiples of `scale` nearest to x, up to 255 of them.
at::Tensor rounded_values(const at::Tensor& x, float scale) {
  return (rounded(x, scale, true) * double{scale}).to(torch::kFloat);
}

at::Tensor int8_weight(const Int8Layer& int8, at::IntArrayRef shape) {
  return torch::tensor(at::ArrayRef<std::int8_t>(int8.weight), torch::kDouble).view(shape);
}

/// From exact sums of whole numbers, channels in dimension 1, to the layer's values.
at::Tensor rescaled(const at::Tensor& sums, const Int8Layer& int8, const std::vector<float>& bias) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(sums.dim()), 1);
  shape[1] = -1;
  const at::Tensor scale = to_tensor(int8.weight_scale, shape).to(torch::kDouble);
  return (sums * double{int8.input_scale} * scale + to_tensor(bias, shape)).to(torch::kFloat);
}

const std::vector<std::int64_t> kNoPadding{0, 0};
const std::vector<std::int64_t> kNoDilation{1, 1};

at::Tensor convolve(at::Tensor x, const ConvolutionLayer& layer) {
  const std::vector<std::int64_t> shape{layer.out_channels, layer.in_channels / layer.groups,
                                        layer.kernel, layer.kernel};
  const std::vector<std::int64_t> strides(2, layer.stride);
  if (layer.int8) x = rounded(x, layer.int8->input_scale, layer.int8->input_unsigned);
  x = torch::constant_pad_nd(x, {layer.pad_begin, layer.pad_end, layer.pad_begin, layer.pad_end});
  if (!layer.int8) {
    return torch::conv2d(x, to_tensor(layer.weight, shape), to_tensor(layer.bias, {-1}), strides,
                         kNoPadding, kNoDilation, layer.groups);
  }
  const at::Tensor sums = torch::conv2d(x, int8_weight(*layer.int8, shape), {}, strides, kNoPadding,
                                        kNoDilation, layer.groups);
  return rescaled(sums, *layer.int8, layer.bias);
}

at::Tensor dense(const at::Tensor& x, const DenseLayer& layer) {
  const std::vector<std::int64_t> shape{layer.outputs, layer.inputs};
  if (!layer.int8) {
    const at::Tensor in = layer.input_scale ? rounded_values(x, *layer.input_scale) : x;
    return torch::linear(in, to_tensor(layer.weight, shape), to_tensor(layer.bias, {-1}));
  }
  const at::Tensor q = rounded(x, layer.int8->input_scale, layer.int8->input_unsigned);
  return rescaled(torch::linear(q, int8_weight(*layer.int8, shape)), *layer.int8, layer.bias);
}

}  // namespace

at::Tensor execute(const Network& network, const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  at::Tensor x = images.to(torch::kFloat).contiguous();
  if (!network.normalization.mean.empty()) {
    x = (x - to_tensor(network.normalization.mean, {1, -1, 1, 1})) /
        to_tensor(network.normalization.scale, {1, -1, 1, 1});
  }
  for (const ConvolutionLayer& layer : network.convolutions) x = convolve(x, layer).clamp(0, 6);
  if (const auto& scale = network.pool_input_scale) {
    x = rounded_values(x, *scale);
  }
  x = torch::avg_pool2d(x, network.pool_size).flatten(1);
  std::vector<at::Tensor> outputs;
  for (const NetworkHead& head : network.heads) {
    at::Tensor y = x;
    for (const DenseLayer& layer : head.layers) {
      y = dense(y, layer);
      if (layer.relu) y = torch::relu(y);
    }
    outputs.push_back(y);
  }
  return torch::cat(outputs, 1);
}

}  // namespace mobireg
