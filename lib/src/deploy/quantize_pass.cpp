#include "deploy/quantize_pass.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "deploy/quantize_layers.h"

namespace mobireg {
namespace {

/// Sums of products and the bias together stay within 32 bits.
constexpr double kLargestBias = 1 << 29;

struct Format {
  bool input_unsigned;
  int input_levels;
  int weight_levels;
};

Format format_of(Int8Target target) {
  return target == Int8Target::kOnnx ? Format{true, 255, 63} : Format{false, 127, 127};
}

double relative_rms(const at::Tensor& y, const at::Tensor& expected) {
  const double error = (y - expected).square().mean().item<double>();
  return std::sqrt(error / std::max(expected.square().mean().item<double>(), 1e-30));
}

/// (out) of weights (out, inputs): the scale of each row, over which whole numbers of up to `levels`
/// lose least, each weight's square error counted `importance` (inputs) times.
at::Tensor weight_scales(const at::Tensor& rows, const at::Tensor& importance, int levels) {
  const at::Tensor largest = rows.abs().amax(1).clamp_min(1e-20);
  at::Tensor best = largest / levels;
  at::Tensor least = torch::full_like(largest, std::numeric_limits<float>::infinity());
  for (int percent = 100; percent >= 60; percent -= 2) {
    const at::Tensor scale = (largest * (percent / 100.0) / levels).unsqueeze(1);
    const at::Tensor rounded = (rows / scale).round().clamp(-levels, levels) * scale;
    const at::Tensor error = ((rounded - rows).square() * importance).sum(1);
    best = torch::where(error < least, scale.squeeze(1), best);
    least = torch::minimum(error, least);
  }
  return best;
}

class QuantizePass {
 public:
  explicit QuantizePass(const QuantizeOptions& options)
      : recipe_(*options.recipe), options_(options), format_(format_of(options.target)) {}

  QuantizedNetwork run(const Network& network, const at::Tensor& images);

 private:
  bool stays_float(const std::string& name) const {
    const auto& names = options_.float_layers;
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  std::vector<RangeMethod> methods() const {
    if (recipe_.method) return {*recipe_.method};
    return {RangeMethod::kMinMax, RangeMethod::kPercentile, RangeMethod::kMse};
  }

  RangeMethod lone_method() const { return recipe_.method.value_or(RangeMethod::kMse); }

  double input_scale(const at::Tensor& x, RangeMethod method) const {
    return static_cast<float>(find_range(x, method, format_.input_levels) / format_.input_levels);
  }

  at::Tensor round_input(const at::Tensor& x, double scale) const {
    return round_to(x, scale, format_.input_unsigned ? 0 : -format_.input_levels,
                    format_.input_levels);
  }

  template <class Layer>
  void run_layer(Layer& layer, bool keep_float, std::optional<float> shared_scale = {});
  template <class Layer>
  Int8Layer int8_weights(const Layer& layer, const at::Tensor& x, double scale) const;
  void run_heads(Network& network);

  QuantizeRecipe recipe_;
  const QuantizeOptions& options_;
  Format format_;
  at::Tensor exact_;  // the layer's input in the float network
  at::Tensor x_;      // in the int8 network
  std::vector<QuantizedLayer> report_;
};

/// How much each of a row's inputs counts: its mean square.
at::Tensor importance_of(const ConvolutionLayer& layer, const at::Tensor& x) {
  if (layer.groups > 1) return torch::ones({layer.kernel * layer.kernel});
  return channel_means(x.square()).repeat_interleave(layer.kernel * layer.kernel);
}

at::Tensor importance_of(const DenseLayer&, const at::Tensor& x) {
  return channel_means(x.square());
}

int outputs_that_share_scale(const ConvolutionLayer& layer, bool a_group) {
  return a_group && layer.groups > 1 ? layer.out_channels / layer.groups : 1;
}

int outputs_that_share_scale(const DenseLayer&, bool) { return 1; }

template <class Layer>
Int8Layer QuantizePass::int8_weights(const Layer& layer, const at::Tensor& x, double scale) const {
  const at::Tensor rows = weight_of(layer).flatten(1);
  const auto outputs = rows.size(0);
  const int shared = outputs_that_share_scale(layer, options_.target == Int8Target::kNcnn);
  at::Tensor scales =
      weight_scales(rows.reshape({outputs / shared, -1}), importance_of(layer, x).repeat({shared}),
                    format_.weight_levels)
          .repeat_interleave(shared);
  scales = torch::maximum(scales, torch::tensor(layer.bias).abs() / (scale * kLargestBias));
  const at::Tensor whole = (rows / scales.unsqueeze(1))
                               .round()
                               .clamp(-format_.weight_levels, format_.weight_levels)
                               .to(torch::kChar)
                               .contiguous();
  Int8Layer int8;
  int8.weight.assign(whole.data_ptr<std::int8_t>(), whole.data_ptr<std::int8_t>() + whole.numel());
  int8.weight_scale = to_vector(scales);
  int8.input_scale = static_cast<float>(scale);
  int8.input_unsigned = format_.input_unsigned;
  return int8;
}

at::Tensor dequantized(const Int8Layer& int8, const at::Tensor& like) {
  const at::Tensor whole =
      torch::tensor(at::ArrayRef<std::int8_t>(int8.weight), torch::kFloat).view(like.sizes());
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = -1;
  return whole * torch::tensor(int8.weight_scale).view(shape);
}

/// Whole numbers of units of the sums, as runtimes keep them.
at::Tensor rounded_bias(const at::Tensor& bias, const Int8Layer& int8) {
  const at::Tensor unit = torch::tensor(int8.weight_scale) * int8.input_scale;
  return ((bias.to(torch::kDouble) / unit).round() * unit).to(torch::kFloat);
}

template <class Layer>
void QuantizePass::run_layer(Layer& layer, bool keep_float, std::optional<float> shared_scale) {
  const at::Tensor weight = weight_of(layer);
  const at::Tensor bias = torch::tensor(layer.bias);
  const at::Tensor expected = apply_weight(layer, weight, exact_);
  const at::Tensor exact = activate(layer, expected + a_channel(bias, expected));
  QuantizedLayer found{layer.name, !keep_float};
  found.error = std::numeric_limits<double>::infinity();
  at::Tensor result;
  const auto consider = [&](const at::Tensor& sums, std::optional<Int8Layer> int8,
                            RangeMethod method) {
    at::Tensor shifted = bias + channel_means(expected - sums);
    if (int8) shifted = rounded_bias(shifted, *int8);
    const at::Tensor y = activate(layer, sums + a_channel(shifted, sums));
    const double error = relative_rms(y, exact);
    if (!(error < found.error)) return;
    found.error = error;
    found.method = method;
    found.range = int8 ? int8->input_scale * static_cast<float>(format_.input_levels) : 0;
    layer.int8 = std::move(int8);
    layer.bias = to_vector(shifted);
    result = y;
  };
  if (keep_float) {
    consider(apply_weight(layer, weight, x_), {}, RangeMethod::kMinMax);
  } else {
    Layer original = layer;
    for (const RangeMethod method : methods()) {
      const double scale = shared_scale ? *shared_scale : input_scale(x_, method);
      const Int8Layer int8 = int8_weights(original, x_, scale);
      consider(apply_weight(layer, dequantized(int8, weight), round_input(x_, scale)), int8,
               method);
      if (shared_scale) break;
    }
    layer.weight.clear();
  }
  report_.push_back(found);
  exact_ = exact;
  x_ = result;
}

void QuantizePass::run_heads(Network& network) {
  const at::Tensor exact_features = exact_;
  const at::Tensor features = x_;
  const auto pool_scale = static_cast<float>(input_scale(features, lone_method()));
  for (NetworkHead& head : network.heads) {
    exact_ = exact_features;
    x_ = features;
    for (DenseLayer& layer : head.layers) {
      const bool first = &layer == &head.layers.front();
      const bool last = &layer == &head.layers.back();
      const bool keep_float = last || stays_float(layer.name);
      if (keep_float && !first && options_.target == Int8Target::kOnnx) {
        layer.input_scale = static_cast<float>(input_scale(x_, lone_method()));
        x_ = round_input(x_, *layer.input_scale);
      }
      run_layer(layer, keep_float, first ? std::optional<float>(pool_scale) : std::nullopt);
    }
  }
}

QuantizedNetwork QuantizePass::run(const Network& network, const at::Tensor& images) {
  QuantizedNetwork quantized{network, recipe_, {}};
  Network& made = quantized.network;
  exact_ = x_ = normalized(network, images);
  for (ConvolutionLayer& layer : made.convolutions) {
    run_layer(layer, &layer == &made.convolutions.front() || stays_float(layer.name));
  }
  if (options_.target == Int8Target::kOnnx) {
    made.pool_input_scale = static_cast<float>(input_scale(x_, lone_method()));
    x_ = round_input(x_, *made.pool_input_scale);
  }
  exact_ = torch::avg_pool2d(exact_, made.pool_size).flatten(1);
  x_ = torch::avg_pool2d(x_, made.pool_size).flatten(1);
  run_heads(made);
  quantized.layers = std::move(report_);
  return quantized;
}

}  // namespace

QuantizedNetwork quantize_layers(const Network& network, const at::Tensor& images,
                                 const QuantizeOptions& options) {
  return QuantizePass(options).run(network, images);
}

}  // namespace mobireg
