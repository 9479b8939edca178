#pragma once

#include <ATen/core/Tensor.h>

#include "deploy/network.h"
#include "deploy/quantize.h"

namespace mobireg {

// The float arithmetic of one layer, as tensors. Channels are in dimension 1.

at::Tensor weight_of(const ConvolutionLayer& layer);
at::Tensor weight_of(const DenseLayer& layer);

/// Before the bias and the activation.
at::Tensor apply_weight(const ConvolutionLayer& layer, const at::Tensor& weight,
                        const at::Tensor& x);
at::Tensor apply_weight(const DenseLayer& layer, const at::Tensor& weight, const at::Tensor& x);

at::Tensor activate(const ConvolutionLayer& layer, const at::Tensor& y);
at::Tensor activate(const DenseLayer& layer, const at::Tensor& y);

/// One value a channel, in the shape that adds to `x`.
at::Tensor a_channel(const at::Tensor& values, const at::Tensor& x);

/// The mean over all but the channels.
at::Tensor channel_means(const at::Tensor& x);

std::vector<float> to_vector(const at::Tensor& values);

at::Tensor normalized(const Network& network, const at::Tensor& images);

/// Rounded to multiples of `scale`, which may be one a row, between lowest and highest of them.
at::Tensor round_to(const at::Tensor& x, const at::Tensor& scale, int lowest, int highest);

/// The largest |x| that rounding to `levels` steps should keep.
double find_range(const at::Tensor& x, RangeMethod method, int levels);

}  // namespace mobireg
