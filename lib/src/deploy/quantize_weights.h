#pragma once

#include <ATen/core/Tensor.h>

#include "deploy/network.h"
#include "deploy/quantize.h"

namespace mobireg {

/// Whole numbers that a target's runtimes compute with.
struct Int8Format {
  bool input_unsigned;
  int input_levels;        // inputs up to here; down to 0 or to its negative
  int weight_levels;       // weights up to here and down to its negative
  bool one_scale_a_group;  // the outputs of a depthwise convolution's channel share their scale
};

Int8Format int8_format(Int8Target target);

/// The layer's weights as whole numbers. x: its input, which tells how much each weight counts.
Int8Layer int8_layer(const ConvolutionLayer& layer, const at::Tensor& x, float input_scale,
                     const Int8Format& format);
Int8Layer int8_layer(const DenseLayer& layer, const at::Tensor& x, float input_scale,
                     const Int8Format& format);

/// The floats that `int8` stands for, in the shape of `weight`.
at::Tensor dequantized(const Int8Layer& int8, const at::Tensor& weight);

/// To whole numbers of the sums' units, as runtimes keep it.
at::Tensor rounded_bias(const at::Tensor& bias, const Int8Layer& int8);

}  // namespace mobireg
