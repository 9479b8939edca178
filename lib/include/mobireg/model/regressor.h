#pragma once

#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/model/mobilenet.h"

namespace mobireg {

/// Dense `hidden` - ReLU - Dropout - Dense of `columns`; without a hidden layer the last Dense
/// alone. Its dropout mask is a function of `reseed`'s argument, so training can be resumed
/// exactly.
class HeadImpl : public torch::nn::Module {
 public:
  HeadImpl(const HeadConfig& config, int features, int columns);

  /// features: (N, F) float. Returns (N, raw columns of this head).
  torch::Tensor forward(const torch::Tensor& features);

  void reseed(std::uint64_t seed);

  bool has_hidden() const { return !hidden_.is_empty(); }
  const torch::nn::Linear& hidden() const { return hidden_; }
  const torch::nn::Linear& output() const { return output_; }

  /// What dropout multiplies the hidden values of `count` images by, (count, hidden) float, drawn
  /// anew; undefined where nothing is dropped.
  torch::Tensor dropout_mask(std::int64_t count);

 private:
  double dropout_;
  at::Generator generator_;
  torch::nn::Linear hidden_{nullptr};
  torch::nn::Linear output_{nullptr};
};
TORCH_MODULE(Head);

/// The network of a run: a MobileNet backbone (`backbone`) and its heads (`heads.NAME`).
/// Weights are in channels-last memory; they begin with Keras's initialisers, drawn by `seed`. The
/// last biases of a head of form `rotation` begin with a face that looks straight ahead.
class RegressorImpl : public torch::nn::Module {
 public:
  /// `config` may be unresolved. Throws Error when it is not valid.
  explicit RegressorImpl(const ModelConfig& config, std::uint64_t seed = 1);

  /// images: (N, channels, size, size) float, normalised; channels-last is fastest.
  /// Returns (N, raw columns) float, see model/head_outputs.h: where no head has another form or
  /// uncertainty, the outputs.
  torch::Tensor forward(const torch::Tensor& images);

  /// The two halves of `forward`: (N, F) pooled features of the backbone, and of these the raw
  /// columns.
  torch::Tensor features(const torch::Tensor& images) { return backbone_(images); }
  torch::Tensor heads(const torch::Tensor& features);

  /// (N, outputs) float in the labels' units, in the order of `config().outputs`.
  torch::Tensor predict(const torch::Tensor& images);

  /// Chooses the dropout masks of the next forward pass in training.
  void reseed_dropout(std::uint64_t seed);

  /// See `MobileNetImpl::use_fused_kernels`. The hidden layers of all heads are one product then.
  void use_fused_kernels(bool use);

  /// See `MobileNetImpl::use_bfloat16`.
  void use_bfloat16(bool use) { backbone_->use_bfloat16(use); }

  const MobileNet& backbone() const { return backbone_; }

  const ModelConfig& config() const { return config_; }

 private:
  torch::Tensor joined_heads(const torch::Tensor& features);

  ModelConfig config_;
  bool fused_ = true;
  MobileNet backbone_{nullptr};
  std::vector<Head> heads_;
};
TORCH_MODULE(Regressor);

/// Bound of Keras's glorot_uniform for a weight in LibTorch's layout: sqrt(6 / (fan in + fan out)).
/// `groups` above 1 says depthwise: Keras sees such a kernel as (3, 3, channels, multiplier).
double glorot_limit(const std::vector<std::int64_t>& shape, std::int64_t groups);

}  // namespace mobireg
