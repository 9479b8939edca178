#pragma once

#include <torch/nn/modules/batchnorm.h>

#include <vector>

namespace mobireg {

/// What batch normalisation makes of one layer's stored values z: y = z * scale + offset. One value
/// a channel each.
struct LayerStatistics {
  bool of_batch = false;  // mean and deviation are the batch's, so the gradient passes through them
  std::vector<double> mean;
  std::vector<double> inverse_deviation;  // 1 / sqrt(variance + epsilon)
  std::vector<float> scale;               // weight * inverse_deviation
  std::vector<float> offset;              // bias - mean * scale
  std::vector<float> mean_float;
};

/// Of the batch, from what each of `blocks` blocks left, (blocks, 3, channels): shift, sum of
/// z - shift, sum of its square, over `rows[b]` rows. Merged one after the other in double (Chan,
/// Golub and LeVeque, 1983). Updates the running statistics as LibTorch does (unbiased variance).
LayerStatistics batch_statistics(const std::vector<float>& blocks,
                                 const std::vector<std::int64_t>& rows,
                                 const torch::nn::BatchNorm2dImpl& norm);

LayerStatistics running_statistics(const torch::nn::BatchNorm2dImpl& norm);

/// The gradients of a layer's batch normalisation. dz = g * scale + z * slope + constant.
struct LayerGradients {
  std::vector<float> slope, constant;
  at::Tensor weight, bias;  // (channels) float
};

/// From what each block left, (blocks, 2, channels): the sums of g and of g * (z - mean), over
/// `rows` rows in all.
LayerGradients layer_gradients(const std::vector<float>& blocks, std::int64_t rows,
                               const LayerStatistics& statistics);

}  // namespace mobireg
