#pragma once

#include <torch/nn/modules/batchnorm.h>

namespace mobireg {

/// Batch normalisation, ReLU6 and, with `pad_end` 1, one row of zeros at the bottom and one column
/// at the right (what the next stride-2 convolution needs), in one pass each way over the memory;
/// the normalised values are never stored. In training it uses the batch's statistics and updates
/// the running ones as LibTorch does (unbiased variance); else it uses the running ones. x: (N, C,
/// H, W) float on the CPU, channels-last. Returns (N, C, H + pad_end, W + pad_end), likewise. The
/// result does not depend on the number of threads.
torch::Tensor batch_norm_relu6(const torch::Tensor& x, const torch::nn::BatchNorm2d& norm,
                               int pad_end);

/// Whether `batch_norm_relu6` takes this tensor.
bool takes_batch_norm_relu6(const torch::Tensor& x);

}  // namespace mobireg
