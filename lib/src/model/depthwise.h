#pragma once

#include <torch/types.h>

namespace mobireg {

/// The 3x3 depthwise convolution of `x`, (N, C, H, W) float on the CPU, channels-last, with
/// `weight`, (C, 1, 3, 3) float, and its gradients. Stride 1 pads x by one pixel of zeros on all
/// sides; stride 2 does not pad (x has its zeros at the bottom and the right already). Returns
/// (N, C, H, W) or (N, C, (H - 1) / 2, (W - 1) / 2), channels-last. Nothing of it depends on the
/// number of threads.
torch::Tensor depthwise_convolution(const torch::Tensor& x, const torch::Tensor& weight,
                                    int stride);

/// Whether `depthwise_convolution` takes these tensors and is not slower than LibTorch: channels
/// must be a multiple of 8, but for images of at most 2x2 pixels.
bool takes_depthwise_convolution(const torch::Tensor& x, const torch::Tensor& weight, int stride);

}  // namespace mobireg
