#pragma once

#include <string>

#include "deploy/network.h"
#include "deploy/written_heads.h"
#include "mobireg/deploy/model_card.h"

namespace mobireg {

struct OnnxOptions {
  bool dynamic_batch = false;         // any number of images at once, not one
  bool dense_as_convolution = false;  // Dense layers as 1x1 convolutions instead of Gemm
  HeadAngles angles{};                // of heads that end in angles (with Mul, Add, Div, Abs, ...)
};

/// The network as an ONNX file: input `pixels` (1 or N, channels, size, size) float, or
/// `normalized_pixels` where the network has no normalisation; output `outputs` (1 or N, outputs).
/// Operators: Sub, Div, Conv, Clip, AveragePool, Flatten, Gemm, Relu, Concat, in opset 10. Layers
/// in int8 are written with QuantizeLinear and DequantizeLinear, in opset 13. The card is the
/// metadata entry `mobireg_model_card`. Throws Error when a layer's int8 scales cannot be written.
std::string to_onnx(const Network& network, const ModelCard& card, const OnnxOptions& options = {});

}  // namespace mobireg
