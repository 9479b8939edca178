#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// One convolution of the backbone, in order.
struct MobileNetLayer {
  std::string name;  // Keras's: conv1, conv_dw_1, conv_pw_1, ...
  int in_channels = 0;
  int out_channels = 0;
  int kernel = 1;       // 1 or 3
  int stride = 1;       // 1: padded on all sides; 2: padded at the bottom and right only
  int groups = 1;       // in_channels for depthwise layers
  int output_size = 0;  // pixels a side
};

/// The 27 convolutions of MobileNet (Howard et al., 2017) at `config`'s size, alpha and depth
/// multiplier, as keras.applications.MobileNet has them.
std::vector<MobileNetLayer> mobilenet_layers(const ModelConfig& config);

/// conv1 and 13 depthwise-separable blocks, each convolution followed by batch normalisation
/// (epsilon 1e-3, Keras's momentum 0.99) and ReLU6, then average pooling over the whole last map.
/// Modules are registered under Keras's names (`conv_dw_1`, `conv_dw_1_bn`, ...).
class MobileNetImpl : public torch::nn::Module {
 public:
  explicit MobileNetImpl(const ModelConfig& config);

  /// images: (N, channels, size, size) float, normalised. Returns (N, int(1024 * alpha)) features.
  torch::Tensor forward(torch::Tensor images);

  /// Whether batch normalisation, ReLU6 and padding may run in mobireg's own fused kernel, and
  /// depthwise convolutions in its own (they do from the start); else LibTorch's operators are
  /// used.
  void use_fused_kernels(bool use) { fused_ = use; }

  const std::vector<MobileNetLayer>& layers() const { return layers_; }
  int features() const { return layers_.back().out_channels; }

 private:
  /// Batch normalisation and ReLU6 of layer `i`, then what the next layer needs as padding.
  torch::Tensor normalize(std::size_t i, const torch::Tensor& x);

  bool fused_ = true;
  std::vector<MobileNetLayer> layers_;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> normalizations_;
};
TORCH_MODULE(MobileNet);

}  // namespace mobireg
