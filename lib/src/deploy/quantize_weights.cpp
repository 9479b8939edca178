#include "deploy/quantize_weights.h"

#include <torch/types.h>

#include <limits>

#include "deploy/quantize_layers.h"

namespace mobireg {
namespace {

/// Sums of products and the bias together stay within 32 bits.
constexpr double kLargestBias = 1 << 29;

/// Of a channel of zeros.
constexpr double kSmallestWeight = 1e-12;

/// Each row's scale over which whole numbers of up to `levels` lose least, each weight's square
/// error counted `importance` times. rows: (outputs, inputs); importance: (inputs).
at::Tensor weight_scales(const at::Tensor& rows, const at::Tensor& importance, int levels) {
  const at::Tensor largest = rows.abs().amax(1).clamp_min(kSmallestWeight);
  at::Tensor best = largest / levels;
  at::Tensor least = torch::full_like(largest, std::numeric_limits<float>::infinity());
  for (int percent = 100; percent >= 60; percent -= 2) {
    const at::Tensor scale = (largest * (percent / 100.0) / levels).unsqueeze(1);
    const at::Tensor difference = round_to(rows, scale, -levels, levels) - rows;
    const at::Tensor error = (difference.square() * importance).sum(1);
    best = torch::where(error < least, scale.squeeze(1), best);
    least = torch::minimum(error, least);
  }
  return best;
}

/// importance: of the inputs that an output reads. shared: outputs that have one scale.
template <class Layer>
Int8Layer round_weights(const Layer& layer, const at::Tensor& importance, int shared,
                        float input_scale, const Int8Format& format) {
  const at::Tensor rows = weight_of(layer).flatten(1);
  at::Tensor scales = weight_scales(rows.reshape({rows.size(0) / shared, -1}),
                                    importance.repeat({shared}), format.weight_levels);
  const at::Tensor needed = torch::tensor(layer.bias).abs() / (input_scale * kLargestBias);
  scales = torch::maximum(scales, needed.view({-1, shared}).amax(1)).repeat_interleave(shared);
  const at::Tensor whole = (rows / scales.unsqueeze(1))
                               .round()
                               .clamp(-format.weight_levels, format.weight_levels)
                               .to(torch::kChar)
                               .contiguous();
  Int8Layer int8;
  int8.weight.assign(whole.data_ptr<std::int8_t>(), whole.data_ptr<std::int8_t>() + whole.numel());
  int8.weight_scale = to_vector(scales);
  int8.input_scale = input_scale;
  int8.input_unsigned = format.input_unsigned;
  return int8;
}

}  // namespace

Int8Format int8_format(Int8Target target) {
  return target == Int8Target::kOnnx ? Int8Format{true, 255, 63, false}
                                     : Int8Format{false, 127, 127, true};
}

Int8Layer int8_layer(const ConvolutionLayer& layer, const at::Tensor& x, float input_scale,
                     const Int8Format& format) {
  const int taps = layer.kernel * layer.kernel;
  if (layer.groups == 1) {
    const at::Tensor importance = channel_means(x.square()).repeat_interleave(taps);
    return round_weights(layer, importance, 1, input_scale, format);
  }
  const int shared = format.one_scale_a_group ? layer.out_channels / layer.groups : 1;
  return round_weights(layer, torch::ones({taps}), shared, input_scale, format);
}

Int8Layer int8_layer(const DenseLayer& layer, const at::Tensor& x, float input_scale,
                     const Int8Format& format) {
  return round_weights(layer, channel_means(x.square()), 1, input_scale, format);
}

at::Tensor dequantized(const Int8Layer& int8, const at::Tensor& weight) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
  shape[0] = -1;
  return torch::tensor(at::ArrayRef<std::int8_t>(int8.weight), torch::kFloat).view(weight.sizes()) *
         torch::tensor(int8.weight_scale).view(shape);
}

at::Tensor rounded_bias(const at::Tensor& bias, const Int8Layer& int8) {
  const at::Tensor unit = torch::tensor(int8.weight_scale) * int8.input_scale;
  return ((bias.to(torch::kDouble) / unit).round() * unit).to(torch::kFloat);
}

}  // namespace mobireg
