#include "deploy/fold.h"

#include <torch/types.h>

#include "core/fail.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/model/mobilenet.h"

namespace mobireg {
namespace {

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

ConvolutionLayer fold_layer(const MobileNetLayer& layer, const MobileNetImpl& backbone) {
  const auto children = backbone.named_children();
  const auto* conv = children[layer.name]->as<torch::nn::Conv2d>();
  const auto* bn = children[layer.name + "_bn"]->as<torch::nn::BatchNorm2d>();
  const auto exact = [](const at::Tensor& tensor) { return tensor.detach().to(torch::kDouble); };
  const at::Tensor factor = exact(bn->weight) / (exact(bn->running_var) + bn->options.eps()).sqrt();
  ConvolutionLayer folded;
  folded.name = layer.name;
  folded.in_channels = layer.in_channels;
  folded.out_channels = layer.out_channels;
  folded.kernel = layer.kernel;
  folded.stride = layer.stride;
  folded.groups = layer.groups;
  folded.pad_begin = layer.kernel == 3 && layer.stride == 1 ? 1 : 0;
  folded.pad_end = layer.kernel == 3 ? 1 : 0;
  folded.weight = to_floats(exact(conv->weight) * factor.view({-1, 1, 1, 1}));
  folded.bias = to_floats(exact(bn->bias) - exact(bn->running_mean) * factor);
  return folded;
}

DenseLayer dense_layer(const std::string& name, const torch::nn::Module& head, const char* part) {
  const auto* dense = head.named_children()[part]->as<torch::nn::Linear>();
  DenseLayer layer;
  layer.name = name + "_" + part;
  layer.inputs = static_cast<int>(dense->options.in_features());
  layer.outputs = static_cast<int>(dense->options.out_features());
  layer.weight = to_floats(dense->weight);
  layer.bias = to_floats(dense->bias);
  return layer;
}

NetworkHead fold_head(const HeadConfig& config, const torch::nn::Module& head) {
  NetworkHead folded{config.name, {}};
  if (config.hidden > 0) {
    folded.layers.push_back(dense_layer(config.name, head, "hidden"));
    folded.layers.back().relu = true;
  }
  folded.layers.push_back(dense_layer(config.name, head, "output"));
  return folded;
}

InputNormalization normalization_of(const InputConfig& input) {
  if (input.zca_whitening || input.samplewise_center || input.samplewise_std_normalization) {
    fail("the network's input is standardised by more than a mean and a scale");
  }
  const Standardizer standardizer(input);
  const std::vector<double> mean = standardizer.mean();
  const std::vector<double> scale = standardizer.scale();
  return {{mean.begin(), mean.end()}, {scale.begin(), scale.end()}};
}

}  // namespace

Network fold(const Regressor& network, bool normalization_inside) {
  const ModelConfig& config = network->config();
  const auto children = network->named_children();
  const auto* backbone = children["backbone"]->as<MobileNet>();
  Network folded;
  folded.input_size = config.input.size;
  folded.input_channels = config.input.channels();
  if (normalization_inside) folded.normalization = normalization_of(config.input);
  for (const MobileNetLayer& layer : backbone->layers()) {
    folded.convolutions.push_back(fold_layer(layer, *backbone));
  }
  folded.pool_size = backbone->layers().back().output_size;
  for (const HeadConfig& head : config.heads) {
    folded.heads.push_back(fold_head(head, *children["heads"]->named_children()[head.name]));
  }
  return folded;
}

}  // namespace mobireg
