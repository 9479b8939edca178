#include "mobireg/model/mobilenet.h"

#include <array>

#include <torch/nn/functional/padding.h>
#include <torch/nn/functional/pooling.h>

#include "model/batch_norm_relu6.h"
#include "model/depthwise.h"

namespace mobireg {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;
constexpr double kBatchNormMomentum = 0.01;  // LibTorch's is the share of the new value

struct Block {
  int filters;
  int stride;
};
constexpr std::array<Block, 13> kBlocks{{{64, 1},
                                         {128, 2},
                                         {128, 1},
                                         {256, 2},
                                         {256, 1},
                                         {512, 2},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {1024, 2},
                                         {1024, 1}}};

torch::Tensor convolve(const torch::Tensor& x, const MobileNetLayer& layer,
                       torch::nn::Conv2d& convolution, bool fused) {
  const bool depthwise = layer.groups > 1;
  if (fused && depthwise && takes_depthwise_convolution(x, convolution->weight, layer.stride)) {
    return depthwise_convolution(x, convolution->weight, layer.stride);
  }
  return convolution(x);
}

}  // namespace

std::vector<MobileNetLayer> mobilenet_layers(const ModelConfig& config) {
  const auto scaled = [&](int filters) { return static_cast<int>(filters * config.alpha); };
  int size = config.input.size / 2;
  std::vector<MobileNetLayer> layers{{"conv1", config.input.channels(), scaled(32), 3, 2, 1, size}};
  for (std::size_t i = 0; i < kBlocks.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const int in = layers.back().out_channels;
    const int expanded = in * config.depth_multiplier;
    size /= kBlocks[i].stride;
    layers.push_back({"conv_dw_" + number, in, expanded, 3, kBlocks[i].stride, in, size});
    layers.push_back({"conv_pw_" + number, expanded, scaled(kBlocks[i].filters), 1, 1, 1, size});
  }
  return layers;
}

MobileNetImpl::MobileNetImpl(const ModelConfig& config) : layers_(mobilenet_layers(config)) {
  for (const MobileNetLayer& layer : layers_) {
    const bool same = layer.kernel == 3 && layer.stride == 1;
    const auto options =
        torch::nn::Conv2dOptions(layer.in_channels, layer.out_channels, layer.kernel)
            .stride(layer.stride)
            .padding(same ? 1 : 0)
            .groups(layer.groups)
            .bias(false);
    convolutions_.push_back(register_module(layer.name, torch::nn::Conv2d(options)));
    normalizations_.push_back(register_module(
        layer.name + "_bn", torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(layer.out_channels)
                                                       .eps(kBatchNormEpsilon)
                                                       .momentum(kBatchNormMomentum))));
  }
}

torch::Tensor MobileNetImpl::forward(torch::Tensor images) {
  torch::Tensor x = torch::constant_pad_nd(images, {0, 1, 0, 1});  // conv1 has stride 2
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = normalize(i, convolve(x, layers_[i], convolutions_[i], fused_));
  }
  return torch::avg_pool2d(x, layers_.back().output_size).flatten(1);
}

torch::Tensor MobileNetImpl::normalize(std::size_t i, const torch::Tensor& x) {
  const int pad_end = i + 1 < layers_.size() && layers_[i + 1].stride == 2 ? 1 : 0;
  if (fused_ && takes_batch_norm_relu6(x)) return batch_norm_relu6(x, normalizations_[i], pad_end);
  const torch::Tensor y = normalizations_[i](x).clamp(0, 6);
  return pad_end == 0 ? y : torch::constant_pad_nd(y, {0, pad_end, 0, pad_end});
}

}  // namespace mobireg
