#include "deploy/folded_network.h"

#include <torch/types.h>

#include "mobireg/model/mobilenet.h"

namespace mobireg {
namespace {

FoldedConvolution fold_layer(const MobileNetLayer& layer, const MobileNetImpl& backbone) {
  const auto children = backbone.named_children();
  const auto* conv = children[layer.name]->as<torch::nn::Conv2d>();
  const auto* bn = children[layer.name + "_bn"]->as<torch::nn::BatchNorm2d>();
  const auto exact = [](const at::Tensor& tensor) { return tensor.detach().to(torch::kDouble); };
  const at::Tensor factor = exact(bn->weight) / (exact(bn->running_var) + bn->options.eps()).sqrt();
  const at::Tensor weight = exact(conv->weight) * factor.view({-1, 1, 1, 1});
  const at::Tensor bias = exact(bn->bias) - exact(bn->running_mean) * factor;
  const bool padded = layer.kernel == 3;
  return {layer.name,   weight.to(torch::kFloat).contiguous(), bias.to(torch::kFloat), layer.stride,
          layer.groups, padded && layer.stride == 1 ? 1 : 0,   padded ? 1 : 0};
}

FoldedDense dense_layer(const std::string& name, const torch::nn::Module& head, const char* part) {
  const auto* dense = head.named_children()[part]->as<torch::nn::Linear>();
  return {name + "_" + part, dense->weight.detach().clone(), dense->bias.detach().clone()};
}

}  // namespace

FoldedNetwork fold(const Regressor& network) {
  const auto children = network->named_children();
  const auto* backbone = children["backbone"]->as<MobileNet>();
  FoldedNetwork folded{network->config(), {}, backbone->layers().back().output_size, {}};
  for (const MobileNetLayer& layer : backbone->layers()) {
    folded.convolutions.push_back(fold_layer(layer, *backbone));
  }
  for (const HeadConfig& config : folded.config.heads) {
    const auto head = children["heads"]->named_children()[config.name];
    FoldedHead layers;
    if (config.hidden > 0) layers.layers.push_back(dense_layer(config.name, *head, "hidden"));
    layers.layers.push_back(dense_layer(config.name, *head, "output"));
    folded.heads.push_back(std::move(layers));
  }
  return folded;
}

}  // namespace mobireg
