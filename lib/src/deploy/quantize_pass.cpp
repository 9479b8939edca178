#include "deploy/quantize_pass.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "deploy/quantize_layers.h"
#include "deploy/quantize_weights.h"

namespace mobireg {
namespace {

double relative_rms(const at::Tensor& y, const at::Tensor& expected) {
  const double error = (y - expected).square().mean().item<double>();
  return std::sqrt(error / std::max(expected.square().mean().item<double>(), 1e-30));
}

/// What a layer gives in the float network.
struct Expected {
  at::Tensor sums;     // before the bias
  at::Tensor outputs;  // after the activation
};

/// One way to do a layer.
struct Attempt {
  std::optional<Int8Layer> int8;
  at::Tensor bias;
  at::Tensor outputs;
  RangeMethod method = RangeMethod::kMinMax;
  double error = std::numeric_limits<double>::infinity();  // of the outputs, relative
};

class QuantizePass {
 public:
  explicit QuantizePass(const QuantizeOptions& options)
      : options_(options), recipe_(*options.recipe), format_(int8_format(options.target)) {}

  QuantizedNetwork run(const Network& network, const at::Tensor& images);

 private:
  bool stays_float(const std::string& name) const {
    const auto& names = options_.float_layers;
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  float find_scale(const at::Tensor& x, RangeMethod method) const {
    return static_cast<float>(find_range(x, method, format_.input_levels) / format_.input_levels);
  }

  /// Where no layer's output says which method is best.
  float find_scale(const at::Tensor& x) const {
    return find_scale(x, recipe_.method.value_or(RangeMethod::kMse));
  }

  at::Tensor rounded(const at::Tensor& x, double scale) const {
    const int lowest = format_.input_unsigned ? 0 : -format_.input_levels;
    return round_to(x, torch::scalar_tensor(scale), lowest, format_.input_levels);
  }

  template <class Layer>
  Attempt attempt(const Layer& layer, const Expected& expected,
                  std::optional<Int8Layer> int8) const;
  template <class Layer>
  Attempt best_int8(const Layer& layer, const Expected& expected,
                    std::optional<float> input_scale) const;
  template <class Layer>
  void run_layer(Layer& layer, bool keep_float, std::optional<float> input_scale = {});
  void run_head(NetworkHead& head, float features_scale);
  void run_pool(Network& network);

  const QuantizeOptions& options_;
  QuantizeRecipe recipe_;
  Int8Format format_;
  at::Tensor exact_;  // the next layer's input in the float network
  at::Tensor x_;      // in the int8 network
  std::vector<QuantizedLayer> report_;
};

/// The bias takes up the sums' mean shift.
template <class Layer>
Attempt QuantizePass::attempt(const Layer& layer, const Expected& expected,
                              std::optional<Int8Layer> int8) const {
  const at::Tensor weight = weight_of(layer);
  const at::Tensor sums =
      int8 ? apply_weight(layer, dequantized(*int8, weight), rounded(x_, int8->input_scale))
           : apply_weight(layer, weight, x_);
  Attempt made;
  made.bias = torch::tensor(layer.bias) + channel_means(expected.sums - sums);
  if (int8) made.bias = rounded_bias(made.bias, *int8);
  made.outputs = activate(layer, sums + a_channel(made.bias, sums));
  made.error = relative_rms(made.outputs, expected.outputs);
  made.int8 = std::move(int8);
  return made;
}

template <class Layer>
Attempt QuantizePass::best_int8(const Layer& layer, const Expected& expected,
                                std::optional<float> input_scale) const {
  std::vector<RangeMethod> methods{RangeMethod::kMinMax, RangeMethod::kPercentile,
                                   RangeMethod::kMse};
  if (recipe_.method || input_scale) methods = {recipe_.method.value_or(RangeMethod::kMse)};
  Attempt best;
  for (const RangeMethod method : methods) {
    const float scale = input_scale ? *input_scale : find_scale(x_, method);
    Attempt made = attempt(layer, expected, int8_layer(layer, x_, scale, format_));
    made.method = method;
    if (!best.outputs.defined() || made.error < best.error) best = std::move(made);
  }
  return best;
}

template <class Layer>
void QuantizePass::run_layer(Layer& layer, bool keep_float, std::optional<float> input_scale) {
  const at::Tensor sums = apply_weight(layer, weight_of(layer), exact_);
  const at::Tensor bias = torch::tensor(layer.bias);
  const Expected expected{sums, activate(layer, sums + a_channel(bias, sums))};
  Attempt made =
      keep_float ? attempt(layer, expected, std::nullopt) : best_int8(layer, expected, input_scale);
  QuantizedLayer report{layer.name, !keep_float, made.method, 0, made.error};
  if (made.int8) {
    report.range = made.int8->input_scale * static_cast<float>(format_.input_levels);
    layer.weight.clear();
  }
  report_.push_back(report);
  layer.int8 = std::move(made.int8);
  layer.bias = to_vector(made.bias);
  exact_ = expected.outputs;
  x_ = made.outputs;
}

void QuantizePass::run_pool(Network& network) {
  if (options_.target == Int8Target::kOnnx) {
    network.pool_input_scale = find_scale(x_);
    x_ = rounded(x_, *network.pool_input_scale);
  }
  exact_ = torch::avg_pool2d(exact_, network.pool_size).flatten(1);
  x_ = torch::avg_pool2d(x_, network.pool_size).flatten(1);
}

void QuantizePass::run_head(NetworkHead& head, float features_scale) {
  for (DenseLayer& layer : head.layers) {
    const bool first = &layer == &head.layers.front();
    const bool keep_float = &layer == &head.layers.back() || stays_float(layer.name);
    if (keep_float && !first && options_.target == Int8Target::kOnnx) {
      layer.input_scale = find_scale(x_);
      x_ = rounded(x_, *layer.input_scale);
    }
    run_layer(layer, keep_float, first ? std::optional<float>(features_scale) : std::nullopt);
  }
}

QuantizedNetwork QuantizePass::run(const Network& network, const at::Tensor& images) {
  QuantizedNetwork quantized{network, recipe_, {}};
  Network& made = quantized.network;
  exact_ = x_ = normalized(network, images);
  for (ConvolutionLayer& layer : made.convolutions) {
    run_layer(layer, &layer == &made.convolutions.front() || stays_float(layer.name));
  }
  run_pool(made);
  const at::Tensor exact_features = exact_;
  const at::Tensor features = x_;
  const float scale = find_scale(features);  // one for all heads, which read the same
  for (NetworkHead& head : made.heads) {
    exact_ = exact_features;
    x_ = features;
    run_head(head, scale);
  }
  quantized.layers = std::move(report_);
  return quantized;
}

}  // namespace

QuantizedNetwork quantize_layers(const Network& network, const at::Tensor& images,
                                 const QuantizeOptions& options) {
  return QuantizePass(options).run(network, images);
}

}  // namespace mobireg
