#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include <memory>
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

/// A convolution of the backbone and the batch normalisation after it.
struct BackboneLayer {
  MobileNetLayer shape;
  torch::nn::Conv2d convolution{nullptr};
  torch::nn::BatchNorm2d normalization{nullptr};
};

/// The 27 convolutions of MobileNet (Howard et al., 2017) at `config`'s size, alpha and depth
/// multiplier, as keras.applications.MobileNet has them.
std::vector<MobileNetLayer> mobilenet_layers(const ModelConfig& config);

/// Whether this processor has instructions for bfloat16 (AVX512-BF16) that the kernels are built
/// for.
bool has_bfloat16_kernels();

/// Whether they multiply by AMX; without it they are slower than those of floats.
bool has_fast_bfloat16();

/// Seconds spent in mobireg's own kernels, by kind of layer.
struct BackboneTimes {
  struct Passes {
    double forward = 0;
    double backward = 0;
  };
  Passes first, depthwise, pointwise;  // with the batch normalisation and ReLU6 around them
  Passes packing;                      // of weights, in the kernels' order
};

/// conv1 and 13 depthwise-separable blocks, each convolution followed by batch normalisation
/// (epsilon 1e-3, Keras's momentum 0.99) and ReLU6, then average pooling over the whole last map.
/// Modules are registered under Keras's names (`conv_dw_1`, `conv_dw_1_bn`, ...).
class MobileNetImpl : public torch::nn::Module {
 public:
  explicit MobileNetImpl(const ModelConfig& config);

  /// images: (N, channels, size, size) float, normalised. Returns (N, int(1024 * alpha)) features.
  torch::Tensor forward(torch::Tensor images);

  /// Whether mobireg's own kernels may be used, where they take the images and the weights (they
  /// may from the start); else LibTorch's operators are.
  void use_fused_kernels(bool use) { fused_ = use; }

  /// Whether passes with gradients store and multiply bfloat16 in mobireg's own kernels (not from
  /// the start). `has_bfloat16_kernels` must hold.
  void use_bfloat16(bool use) { bfloat16_ = use; }

  /// Since the network was made, of passes with gradients (of which only one may run at a time).
  const BackboneTimes& times() const { return *times_; }

  const std::vector<MobileNetLayer>& layers() const { return shapes_; }
  int features() const { return shapes_.back().out_channels; }

 private:
  bool fused_ = true;
  bool bfloat16_ = false;
  std::vector<MobileNetLayer> shapes_;
  std::vector<BackboneLayer> layers_;
  std::shared_ptr<BackboneTimes> times_ = std::make_shared<BackboneTimes>();
};
TORCH_MODULE(MobileNet);

}  // namespace mobireg
