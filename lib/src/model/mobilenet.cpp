#include "mobireg/model/mobilenet.h"

#include <array>

#include <torch/nn/functional/padding.h>
#include <torch/nn/functional/pooling.h>

#include "kernels/kernels.h"
#include "model/fused_backbone.h"

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

/// A stride of 2 pads at the bottom and the right only, as Keras's ZeroPadding2D does.
torch::Tensor padded(const torch::Tensor& x, int stride) {
  return stride == 2 ? torch::constant_pad_nd(x, {0, 1, 0, 1}) : x;
}

}  // namespace

bool has_bfloat16_kernels() { return bfloat16_kernels() != nullptr; }

bool has_fast_bfloat16() {
  return has_bfloat16_kernels() && std::string(bfloat16_kernels()->name) == "amx";
}

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

MobileNetImpl::MobileNetImpl(const ModelConfig& config) : shapes_(mobilenet_layers(config)) {
  for (const MobileNetLayer& shape : shapes_) {
    const bool same = shape.kernel == 3 && shape.stride == 1;
    const auto options =
        torch::nn::Conv2dOptions(shape.in_channels, shape.out_channels, shape.kernel)
            .stride(shape.stride)
            .padding(same ? 1 : 0)
            .groups(shape.groups)
            .bias(false);
    const auto normalization = torch::nn::BatchNorm2dOptions(shape.out_channels)
                                   .eps(kBatchNormEpsilon)
                                   .momentum(kBatchNormMomentum);
    layers_.push_back({shape, register_module(shape.name, torch::nn::Conv2d(options)),
                       register_module(shape.name + "_bn", torch::nn::BatchNorm2d(normalization))});
  }
}

torch::Tensor MobileNetImpl::forward(torch::Tensor images) {
  if (fused_ && takes_fused_backbone(images, layers_)) {
    return fused_backbone(images, layers_, times_, bfloat16_);
  }
  torch::Tensor x = images;
  for (BackboneLayer& layer : layers_) {
    x = layer.convolution(padded(x, layer.shape.stride));
    x = layer.normalization(x).clamp(0, 6);
  }
  return torch::avg_pool2d(x, shapes_.back().output_size).flatten(1);
}

}  // namespace mobireg
