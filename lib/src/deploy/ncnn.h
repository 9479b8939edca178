#pragma once

#include <string>
#include <string_view>

#include "deploy/network.h"

namespace mobireg {

/// The first line of every .param file.
constexpr std::string_view kNcnnMagic = "7767517";

/// The contents of the two files of an ncnn model.
struct NcnnFiles {
  std::string param;  // text: the layers
  std::string bin;    // their weights
};

/// The network in ncnn's format. Blob `pixels` (channels, size, size), or `normalized_pixels` where
/// the network has no normalisation, goes in, `outputs` (outputs) comes out; layers have their own
/// names, the normalisation is `normalization` and the pooled map `features`.
/// fp16: float weights (not biases) as half precision. Layers with `int8` are written in ncnn's
/// int8 form, and hand whole numbers to a following convolution that has it too.
/// Throws Error for a weight beyond half precision, and for what ncnn's int8 has no form for:
/// inputs rounded to 0 to 255, a rounded map before the pooling, and a depthwise convolution whose
/// scales differ between the outputs of one input channel.
NcnnFiles to_ncnn(const Network& network, bool fp16);

/// Reads what `to_ncnn` writes. Errors begin with `origin`.
/// Throws Error when the files are damaged, truncated, not of one model, or not mobireg's.
Network from_ncnn(const std::string& param, const std::string& bin, const std::string& origin);

}  // namespace mobireg
