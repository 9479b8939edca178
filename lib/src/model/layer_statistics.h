#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/types.h>

#include <vector>

#include "kernels/kernels.h"

// What batch normalisation makes of the sums that the kernels leave. The functions below do some of
// a layer's channels a call, so that threads can share them, and allocate nothing.

namespace mobireg {

/// A layer's batch normalisation; one float a channel each.
struct Normalization {
  torch::Tensor weight, bias, running_mean, running_var;
  double epsilon = 0;
  double momentum = 0;
  bool training = false;

  explicit Normalization(const torch::nn::BatchNorm2dImpl& module);
};

/// What the blocks of a layer's rows left: `sums` values a channel, (blocks, sums, channels).
struct BlockSums {
  const float* values = nullptr;
  std::int64_t rows = 0;        // of all blocks
  std::int64_t block_rows = 0;  // of a block; the last may have less
  std::int64_t channels = 0;
};

/// What batch normalisation makes of one layer's stored values z: y = z * scale + offset. One value
/// a channel each.
struct LayerStatistics {
  explicit LayerStatistics(std::int64_t channels);

  bool of_batch = false;  // mean and deviation are the batch's, so the gradient passes through them
  std::vector<double> mean;
  std::vector<double> inverse_deviation;  // 1 / sqrt(variance + epsilon)
  std::vector<float> scale;               // weight * inverse_deviation
  std::vector<float> offset;              // bias - mean * scale
  std::vector<float> mean_float;
};

/// Of the batch, from three sums: shift, sum of z - shift, sum of its square. Merged one block
/// after the other in double (Chan, Golub and LeVeque, 1983). Updates the running statistics as
/// LibTorch does (unbiased variance).
void batch_statistics(const BlockSums& blocks, const Normalization& norm,
                      const ChannelRange& channels, LayerStatistics& statistics);

void running_statistics(const Normalization& norm, const ChannelRange& channels,
                        LayerStatistics& statistics);

/// The gradients of a layer's batch normalisation. dz = g * scale + z * slope + constant.
struct LayerGradients {
  explicit LayerGradients(std::int64_t channels);

  std::vector<double> sum, product;  // of g and of g * (z - mean)
  std::vector<float> slope, constant;
  torch::Tensor weight, bias;  // (channels) float
};

/// From two sums: of g and of g * (z - mean).
void layer_gradients(const BlockSums& blocks, const LayerStatistics& statistics,
                     const ChannelRange& channels, LayerGradients& gradients);

}  // namespace mobireg
