#include "deploy/onnx_writer.h"

#include <onnx/onnx_pb.h>

#include "deploy/onnx_angles.h"
#include "deploy/onnx_builder.h"
#include "mobireg/core/version.h"

namespace mobireg {
namespace {

constexpr const char* kCardKey = "mobireg_model_card";

using Dims = OnnxBuilder::Dims;

bool is_quantized(const Network& network) {
  bool any = network.pool_input_scale.has_value();
  for (const ConvolutionLayer& layer : network.convolutions) any = any || layer.int8;
  for (const NetworkHead& head : network.heads) {
    for (const DenseLayer& layer : head.layers) any = any || layer.int8 || layer.input_scale;
  }
  return any;
}

class GraphWriter {
 public:
  GraphWriter(onnx::GraphProto& graph, const OnnxOptions& options, bool quantized)
      : graph_(graph), builder_(graph), options_(options), quantized_(quantized) {}

  void write(const Network& network);

 private:
  std::string normalization(const std::string& x, const InputNormalization& normalization);
  std::string relu6(const std::string& x);
  std::string convolution(const std::string& x, const ConvolutionLayer& layer);
  std::string pool(std::string x, const Network& network);
  std::string dense(const std::string& x, const DenseLayer& layer);

  onnx::GraphProto& graph_;
  OnnxBuilder builder_;
  OnnxOptions options_;
  bool quantized_;
};

std::string GraphWriter::normalization(const std::string& x,
                                       const InputNormalization& normalization) {
  if (normalization.mean.empty()) return x;
  const Dims dims{1, static_cast<std::int64_t>(normalization.mean.size()), 1, 1};
  builder_.node("Sub", "mean_subtracted", {x, builder_.floats("mean", dims, normalization.mean)});
  builder_.node("Div", "normalized",
                {"mean_subtracted", builder_.floats("scale", dims, normalization.scale)});
  return "normalized";
}

/// Opset 11 made the bounds inputs; as attributes they are read by more runtimes.
std::string GraphWriter::relu6(const std::string& x) {
  const std::string name = x + "_relu6";
  if (quantized_) {
    builder_.node("Clip", name, {x, "relu6.min", "relu6.max"});
    return name;
  }
  onnx::NodeProto& clip = builder_.node("Clip", name, {x});
  set_attribute(clip, "min", 0.0F);
  set_attribute(clip, "max", 6.0F);
  return name;
}

std::string GraphWriter::convolution(const std::string& x, const ConvolutionLayer& layer) {
  const Dims dims{layer.out_channels, layer.in_channels / layer.groups, layer.kernel, layer.kernel};
  onnx::NodeProto& conv = builder_.node(
      "Conv", layer.name,
      builder_.layer_inputs(x, {layer.name, dims, layer.weight, layer.bias, layer.int8}));
  set_attribute(conv, "kernel_shape", {layer.kernel, layer.kernel});
  set_attribute(conv, "strides", {layer.stride, layer.stride});
  set_attribute(conv, "pads", {layer.pad_begin, layer.pad_begin, layer.pad_end, layer.pad_end});
  set_attribute(conv, "group", layer.groups);
  return relu6(layer.name);
}

std::string GraphWriter::pool(std::string x, const Network& network) {
  if (network.pool_input_scale)
    x = builder_.rounded(x, "pool_input", *network.pool_input_scale, true);
  onnx::NodeProto& pool = builder_.node("AveragePool", "average_pool", {x});
  set_attribute(pool, "kernel_shape", {network.pool_size, network.pool_size});
  set_attribute(pool, "strides", {network.pool_size, network.pool_size});
  if (options_.dense_as_convolution) return "average_pool";
  set_attribute(builder_.node("Flatten", "features", {"average_pool"}), "axis", 1);
  return "features";
}

std::string GraphWriter::dense(const std::string& x, const DenseLayer& layer) {
  Dims dims{layer.outputs, layer.inputs};
  if (options_.dense_as_convolution) dims.insert(dims.end(), {1, 1});
  const std::vector<std::string> inputs = builder_.layer_inputs(
      x, {layer.name, dims, layer.weight, layer.bias, layer.int8, layer.input_scale});
  if (options_.dense_as_convolution) {
    set_attribute(builder_.node("Conv", layer.name, inputs), "kernel_shape", {1, 1});
  } else {
    set_attribute(builder_.node("Gemm", layer.name, inputs), "transB", 1);
  }
  if (!layer.relu) return layer.name;
  builder_.node("Relu", layer.name + "_relu", {layer.name});
  return layer.name + "_relu";
}

void GraphWriter::write(const Network& network) {
  if (quantized_) {
    builder_.floats("relu6.min", {}, {0});
    builder_.floats("relu6.max", {}, {6});
  }
  std::string x = normalization(graph_.input(0).name(), network.normalization);
  for (const ConvolutionLayer& layer : network.convolutions) x = convolution(x, layer);
  x = pool(x, network);
  std::vector<std::string> outputs;
  for (const NetworkHead& head : network.heads) {
    std::string y = x;
    for (const DenseLayer& layer : head.layers) y = dense(y, layer);
    const auto angles = options_.angles.find(head.name);
    if (angles != options_.angles.end()) {
      const AddDense add_dense = [this](const std::string& in, const DenseLayer& layer) {
        return dense(in, layer);
      };
      y = add_angles(builder_, add_dense, y, head.name, angles->second);
    }
    outputs.push_back(y);
  }
  if (outputs.size() > 1) set_attribute(builder_.node("Concat", "heads", outputs), "axis", 1);
  if (options_.dense_as_convolution)
    set_attribute(builder_.node("Flatten", "flattened", {graph_.node().rbegin()->name()}), "axis",
                  1);
  graph_.mutable_node()->rbegin()->set_output(0, graph_.output(0).name());
}

void describe_value(onnx::ValueInfoProto& value, const char* name, const Dims& dims,
                    bool dynamic_batch) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  if (dynamic_batch) {
    type.mutable_shape()->add_dim()->set_dim_param("N");
  } else {
    type.mutable_shape()->add_dim()->set_dim_value(1);
  }
  for (const std::int64_t dim : dims) type.mutable_shape()->add_dim()->set_dim_value(dim);
}

}  // namespace

std::string to_onnx(const Network& network, const ModelCard& card, const OnnxOptions& options) {
  const bool quantized = is_quantized(network);
  onnx::ModelProto model;
  model.set_ir_version(quantized ? 7 : 5);  // of the ONNX releases that brought the opsets
  model.add_opset_import()->set_version(quantized ? 13 : 10);
  model.set_producer_name("mobireg");
  model.set_producer_version(version());
  model.set_doc_string(card.summary());
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(kCardKey);
  entry.set_value(card.to_json());
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("MobileNetRegressor");
  const bool pixels = !network.normalization.mean.empty();
  describe_value(*graph.add_input(), pixels ? "pixels" : "normalized_pixels",
                 {network.input_channels, network.input_size, network.input_size},
                 options.dynamic_batch);
  const auto angles = static_cast<std::int64_t>(options.angles.size());  // three of six numbers
  describe_value(*graph.add_output(), "outputs", {network.outputs() - 3 * angles},
                 options.dynamic_batch);
  GraphWriter(graph, options, quantized).write(network);
  return model.SerializeAsString();
}

}  // namespace mobireg
