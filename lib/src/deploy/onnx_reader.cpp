#include "deploy/onnx_reader.h"

#include "deploy/onnx_cursor.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr const char* kCardKey = "mobireg_model_card";

/// A Conv or Gemm with its weight and bias as the file has them.
struct Layer {
  const OnnxNode* node = nullptr;
  std::vector<std::int64_t> dims;  // of the weight
  std::vector<float> weight;
  std::vector<float> bias;
  std::optional<Int8Layer> int8;
  std::optional<float> input_scale;
};

/// Follows the graph from its input to its output.
class GraphReader {
 public:
  GraphReader(const OnnxModel& model, const std::string& origin) : cursor_(model, origin) {}

  Network read();

 private:
  const OnnxNode& follow(std::string_view op, std::size_t inputs);
  std::optional<OnnxRounding> enter(const OnnxNode& node);
  void read_input(Network& network);
  void read_normalization(Network& network);
  void read_int8_weight(Layer& layer);
  void read_int32_bias(Layer& layer);
  Layer read_layer(const char* op);
  void read_relu6();
  ConvolutionLayer read_convolution(int in_channels);
  void read_pool(Network& network);
  DenseLayer read_dense();
  NetworkHead read_head(int features);
  void read_heads(Network& network);

  OnnxCursor cursor_;
  std::string_view value_;  // the activation at hand
  bool dense_as_convolution_ = false;
};

/// Checks that the node takes the activation at hand, rounded or not, and goes on to its output.
std::optional<OnnxRounding> GraphReader::enter(const OnnxNode& node) {
  const std::optional<OnnxRounding> rounding = cursor_.rounding_of(node.inputs[0]);
  const std::string_view taken = rounding ? rounding->source : node.inputs[0];
  if (taken != value_) {
    cursor_.refuse("node {} takes {} instead of {}", in_quotes(node.name), in_quotes(taken),
                   in_quotes(value_));
  }
  value_ = node.outputs[0];
  return rounding;
}

const OnnxNode& GraphReader::follow(std::string_view op, std::size_t inputs) {
  const OnnxNode& node = cursor_.take(op, inputs);
  if (enter(node)) cursor_.refuse("the input of node {} is rounded", in_quotes(node.name));
  return node;
}

void GraphReader::read_input(Network& network) {
  const OnnxModel& model = cursor_.model();
  if (model.inputs.size() != 1 || model.outputs.size() != 1) {
    cursor_.refuse("the graph has {} inputs and {} outputs", model.inputs.size(),
                   model.outputs.size());
  }
  const std::vector<std::int64_t>& dims = model.inputs[0].dims;
  if (dims.size() != 4 || (dims[1] != 1 && dims[1] != 3) || dims[2] < 32 || dims[2] > 4096 ||
      dims[3] != dims[2]) {
    cursor_.refuse("the input's shape is not (N, channels, size, size)");
  }
  network.input_channels = static_cast<int>(dims[1]);
  network.input_size = static_cast<int>(dims[2]);
  value_ = model.inputs[0].name;
}

void GraphReader::read_normalization(Network& network) {
  if (!cursor_.at("Sub")) return;
  InputNormalization& normalization = network.normalization;
  normalization.mean = cursor_.values<float>(follow("Sub", 2).inputs[1], kOnnxFloat);
  normalization.scale = cursor_.values<float>(follow("Div", 2).inputs[1], kOnnxFloat);
  const auto channels = static_cast<std::size_t>(network.input_channels);
  if (normalization.mean.size() != channels || normalization.scale.size() != channels) {
    cursor_.refuse("mean and scale have not one value a channel");
  }
}

void GraphReader::read_int8_weight(Layer& layer) {
  const OnnxNode& node = cursor_.take("DequantizeLinear", 3);
  layer.int8.emplace();
  layer.int8->weight = cursor_.values<std::int8_t>(node.inputs[0], kOnnxInt8);
  layer.int8->weight_scale = cursor_.values<float>(node.inputs[1], kOnnxFloat);
  layer.dims = cursor_.dims(node.inputs[0], kOnnxInt8);
}

void GraphReader::read_int32_bias(Layer& layer) {
  const OnnxNode& node = cursor_.take("DequantizeLinear", 3);
  const auto sums = cursor_.values<std::int32_t>(node.inputs[0], kOnnxInt32);
  const auto scales = cursor_.values<float>(node.inputs[1], kOnnxFloat);
  if (sums.size() != scales.size()) {
    cursor_.refuse("node {} has not one scale a channel", in_quotes(node.name));
  }
  for (std::size_t c = 0; c < sums.size(); ++c) {
    layer.bias.push_back(static_cast<float>(double{scales[c]} * sums[c]));
  }
}

Layer GraphReader::read_layer(const char* op) {
  cursor_.take_rounding();
  Layer layer;
  if (cursor_.at("DequantizeLinear")) {
    read_int8_weight(layer);
    read_int32_bias(layer);
  }
  layer.node = &cursor_.take(op, 3);
  const OnnxNode& node = *layer.node;
  const std::optional<OnnxRounding> rounding = enter(node);
  if (!layer.int8) {
    layer.weight = cursor_.values<float>(node.inputs[1], kOnnxFloat);
    layer.bias = cursor_.values<float>(node.inputs[2], kOnnxFloat);
    layer.dims = cursor_.dims(node.inputs[1], kOnnxFloat);
    if (rounding) layer.input_scale = rounding->scale;
  } else if (rounding) {
    layer.int8->input_scale = rounding->scale;
    layer.int8->input_unsigned = rounding->is_unsigned;
  }
  if (layer.int8.has_value() && !rounding) {
    cursor_.refuse("layer {} has rounded weights, its input is not rounded", in_quotes(node.name));
  }
  const std::size_t channels = layer.dims.empty() ? 0 : static_cast<std::size_t>(layer.dims[0]);
  if (layer.bias.size() != channels ||
      (layer.int8 && layer.int8->weight_scale.size() != channels)) {
    cursor_.refuse("layer {} has not one bias and one scale a channel", in_quotes(node.name));
  }
  return layer;
}

void GraphReader::read_relu6() {
  const bool bounds_as_inputs = cursor_.model().opset >= 11;
  const OnnxNode& clip = follow("Clip", bounds_as_inputs ? 3 : 1);
  const float low = bounds_as_inputs ? cursor_.scalar(clip.inputs[1])  //
                                     : cursor_.attribute(clip, "min").f;
  const float high = bounds_as_inputs ? cursor_.scalar(clip.inputs[2])  //
                                      : cursor_.attribute(clip, "max").f;
  if (low != 0 || high != 6) cursor_.refuse("node {} is no ReLU6", in_quotes(clip.name));
}

ConvolutionLayer GraphReader::read_convolution(int in_channels) {
  Layer read = read_layer("Conv");
  const OnnxNode& node = *read.node;
  const std::vector<std::int64_t>& dims = read.dims;
  const std::vector<std::int64_t>& pads = cursor_.integers(node, "pads", 4);
  const std::int64_t groups = cursor_.attribute(node, "group").i;
  ConvolutionLayer layer;
  layer.name = node.name;
  layer.in_channels = in_channels;
  layer.kernel = static_cast<int>(cursor_.integers(node, "kernel_shape", 2)[0]);
  layer.stride = static_cast<int>(cursor_.integers(node, "strides", 2)[0]);
  layer.pad_begin = static_cast<int>(pads[0]);
  layer.pad_end = static_cast<int>(pads[2]);
  if (dims.size() != 4 || (groups != 1 && groups != in_channels) ||
      dims[1] * groups != in_channels || dims[0] % groups != 0 || dims[2] != layer.kernel ||
      dims[3] != layer.kernel || pads[1] != pads[0] || pads[3] != pads[2] || layer.stride < 1 ||
      read.input_scale) {
    cursor_.refuse("layer {} does not fit the layer before it", in_quotes(layer.name));
  }
  layer.out_channels = static_cast<int>(dims[0]);
  layer.groups = static_cast<int>(groups);
  layer.weight = std::move(read.weight);
  layer.bias = std::move(read.bias);
  layer.int8 = std::move(read.int8);
  read_relu6();
  return layer;
}

void GraphReader::read_pool(Network& network) {
  cursor_.take_rounding();
  const OnnxNode& pool = cursor_.take("AveragePool", 1);
  if (const std::optional<OnnxRounding> rounding = enter(pool)) {
    network.pool_input_scale = rounding->scale;
  }
  network.pool_size = static_cast<int>(cursor_.integers(pool, "kernel_shape", 2)[0]);
  dense_as_convolution_ = !cursor_.at("Flatten");
  if (!dense_as_convolution_) follow("Flatten", 1);
}

DenseLayer GraphReader::read_dense() {
  Layer read = read_layer(dense_as_convolution_ ? "Conv" : "Gemm");
  const std::vector<std::int64_t>& dims = read.dims;
  const bool is_matrix =
      dense_as_convolution_ ? dims.size() == 4 && dims[2] == 1 && dims[3] == 1 : dims.size() == 2;
  if (!is_matrix || (!dense_as_convolution_ && cursor_.attribute(*read.node, "transB").i != 1)) {
    cursor_.refuse("layer {} is no Dense layer", in_quotes(read.node->name));
  }
  DenseLayer layer;
  layer.name = read.node->name;
  layer.inputs = static_cast<int>(dims[1]);
  layer.outputs = static_cast<int>(dims[0]);
  layer.weight = std::move(read.weight);
  layer.bias = std::move(read.bias);
  layer.int8 = std::move(read.int8);
  layer.input_scale = read.input_scale;
  layer.relu = cursor_.at("Relu");
  if (layer.relu) follow("Relu", 1);
  return layer;
}

/// The layers up to the one without ReLU.
NetworkHead GraphReader::read_head(int features) {
  NetworkHead head;
  int inputs = features;
  do {
    head.layers.push_back(read_dense());
    if (head.layers.back().inputs != inputs) {
      cursor_.refuse("layer {} does not fit the layer before it",
                     in_quotes(head.layers.back().name));
    }
    inputs = head.layers.back().outputs;
  } while (head.layers.back().relu);
  const std::string& name = head.layers.back().name;
  head.name = name.substr(0, name.rfind('_'));
  return head;
}

void GraphReader::read_heads(Network& network) {
  const std::string_view features = value_;
  std::vector<std::string_view> outputs;
  while (!cursor_.at_end() && !cursor_.at("Concat") && !cursor_.at("Flatten")) {
    value_ = features;
    network.heads.push_back(read_head(network.convolutions.back().out_channels));
    outputs.push_back(value_);
  }
  if (outputs.empty()) cursor_.refuse("it has no heads");
  if (outputs.size() > 1) {
    value_ = outputs[0];
    if (follow("Concat", outputs.size()).inputs != outputs) {
      cursor_.refuse("the heads are not joined in their order");
    }
  }
  if (dense_as_convolution_) follow("Flatten", 1);
  if (!cursor_.at_end() || value_ != cursor_.model().outputs[0].name) {
    cursor_.refuse("the graph does not end with its output");
  }
}

Network GraphReader::read() {
  Network network;
  read_input(network);
  read_normalization(network);
  int channels = network.input_channels;
  const auto at_pool = [&] {
    return cursor_.at("AveragePool", cursor_.at("QuantizeLinear") ? 2 : 0);
  };
  while (!at_pool()) {
    network.convolutions.push_back(read_convolution(channels));
    channels = network.convolutions.back().out_channels;
  }
  if (network.convolutions.empty()) cursor_.refuse("it has no convolutions");
  read_pool(network);
  read_heads(network);
  return network;
}

}  // namespace

Network from_onnx(const std::string& bytes, const std::string& origin) {
  const OnnxModel model = parse_onnx(bytes, origin);
  return GraphReader(model, origin).read();
}

std::string card_of_onnx(const std::string& bytes, const std::string& origin) {
  const OnnxModel model = parse_onnx(bytes, origin);
  const auto found = model.metadata.find(kCardKey);
  if (found == model.metadata.end()) {
    fail("{}: it has no model card; mobireg reads the files mobireg-export writes", origin);
  }
  return std::string(found->second);
}

}  // namespace mobireg
