#include "mobireg/model/summary.h"

#include <fmt/format.h>

#include "mobireg/config/run_config.h"
#include "mobireg/model/head_outputs.h"
#include "mobireg/model/mobilenet.h"

namespace mobireg {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(None";
  for (const std::int64_t size : shape) text += fmt::format(", {}", size);
  return text + ")";
}

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

void add_convolution(const MobileNetLayer& layer, ModelSummary& summary) {
  const std::int64_t size = layer.output_size;
  const std::int64_t channels = layer.out_channels;
  const std::int64_t weights =
      std::int64_t{layer.kernel} * layer.kernel * (layer.in_channels / layer.groups) * channels;
  const std::vector<std::int64_t> shape{size, size, channels};
  const char* type = layer.groups > 1 ? "DepthwiseConv2D" : "Conv2D";
  summary.layers.push_back({layer.name, type, shape, weights, 0, weights * size * size});
  summary.layers.push_back(
      {layer.name + "_bn", "BatchNorm + ReLU6", shape, 4 * channels, 2 * channels, 0});
}

void add_dense(const std::string& name, std::int64_t in, std::int64_t out, ModelSummary& summary) {
  summary.layers.push_back({name, "Dense", {out}, in * out + out, 0, in * out});
}

}  // namespace

ModelSummary summarize(const ModelConfig& given) {
  const ModelConfig config = resolve_config(given);
  const auto layers = mobilenet_layers(config);
  ModelSummary summary;
  for (const MobileNetLayer& layer : layers) add_convolution(layer, summary);
  const std::int64_t features = layers.back().out_channels;
  summary.layers.push_back({"pool", "AveragePooling2D", {features}, 0, 0, 0});
  const std::vector<HeadColumns> columns = head_columns(config);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const HeadConfig& head = config.heads[i];
    if (head.hidden > 0)
      add_dense("heads." + head.name + ".hidden", features, head.hidden, summary);
    add_dense("heads." + head.name + ".output", head.hidden > 0 ? head.hidden : features,
              columns[i].all_columns(), summary);
  }
  for (const LayerSummary& layer : summary.layers) {
    summary.parameters += layer.parameters;
    summary.not_trainable += layer.not_trainable;
    summary.multiply_adds += layer.multiply_adds;
  }
  return summary;
}

std::string ModelSummary::to_string() const {
  const std::string line(80, '-');
  std::string text = fmt::format("{:<24}{:<19}{:<21}{:>10}\n{}\n", "Layer", "Type", "Output shape",
                                 "Parameters", line);
  for (const LayerSummary& layer : layers) {
    text += fmt::format("{:<24}{:<19}{:<21}{:>10}\n", layer.name, layer.type,
                        shape_text(layer.output_shape), with_commas(layer.parameters));
  }
  return text + fmt::format(
                    "{}\nTotal parameters: {}\nTrainable: {}\nNot trainable: {}\n"
                    "Multiply-adds an image: {:.2f} M\n",
                    line, with_commas(parameters), with_commas(parameters - not_trainable),
                    with_commas(not_trainable), static_cast<double>(multiply_adds) * 1e-6);
}

}  // namespace mobireg
