#include "deploy/onnx_builder.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <limits>

#include "core/fail.h"

namespace mobireg {

void set_attribute(onnx::NodeProto& node, const char* name, float value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

void set_attribute(onnx::NodeProto& node, const char* name, int value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set_attribute(onnx::NodeProto& node, const char* name, const std::vector<int>& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const int value : values) attribute.add_ints(value);
}

onnx::NodeProto& OnnxBuilder::node(const char* op, const std::string& name,
                                   const std::vector<std::string>& inputs) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(name);
  return node;
}

std::string OnnxBuilder::tensor(const std::string& name, const Dims& dims, int type,
                                const void* data, std::size_t size) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(data, size);
  return name;
}

std::string OnnxBuilder::floats(const std::string& name, const Dims& dims,
                                const std::vector<float>& values) {
  return tensor(name, dims, onnx::TensorProto::FLOAT, values.data(), values.size() * sizeof(float));
}

std::string OnnxBuilder::rounded(const std::string& x, const std::string& name, float scale,
                                 bool is_unsigned) {
  std::string& known = roundings_[{x, scale, is_unsigned}];
  if (!known.empty()) return known;  // the heads' layers share their input
  known = name;
  const std::uint8_t zero = 0;
  const std::string scale_name = floats(name + ".scale", {}, {scale});
  const std::string zero_name =
      tensor(name + ".zero_point", {},
             is_unsigned ? onnx::TensorProto::UINT8 : onnx::TensorProto::INT8, &zero, 1);
  node("QuantizeLinear", name + "_quantized", {x, scale_name, zero_name});
  node("DequantizeLinear", name, {name + "_quantized", scale_name, zero_name});
  return name;
}

std::string OnnxBuilder::int8_weight(const OnnxWeights& weights) {
  const Int8Layer& int8 = *weights.int8;
  const std::string name = weights.layer + ".weight";
  const Dims channels{weights.dims[0]};
  const std::vector<std::int8_t> zeros(int8.weight_scale.size(), 0);
  const std::vector<std::string> inputs{
      tensor(name + "_int8", weights.dims, onnx::TensorProto::INT8, int8.weight.data(),
             int8.weight.size()),
      floats(name + "_scale", channels, int8.weight_scale),
      tensor(name + "_zero_point", channels, onnx::TensorProto::INT8, zeros.data(), zeros.size())};
  set_attribute(node("DequantizeLinear", name, inputs), "axis", 0);
  return name;
}

/// As 32-bit whole numbers in units of the sums, the form that runtimes' int8 kernels take.
std::string OnnxBuilder::int32_bias(const OnnxWeights& weights) {
  const Int8Layer& int8 = *weights.int8;
  const std::string name = weights.layer + ".bias";
  const Dims channels{weights.dims[0]};
  std::vector<float> scales;
  std::vector<std::int32_t> values;
  for (std::size_t c = 0; c < weights.bias.size(); ++c) {
    scales.push_back(int8.input_scale * int8.weight_scale[c]);
    const double value = std::nearbyint(weights.bias[c] / double{scales[c]});
    // Written so that a NaN fails.
    if (!(std::abs(value) <= std::numeric_limits<std::int32_t>::max())) {
      fail("{}: the scale of channel {}, {}, is too small for its bias, {}", weights.layer, c,
           scales[c], weights.bias[c]);
    }
    values.push_back(static_cast<std::int32_t>(value));
  }
  const std::vector<std::int32_t> zeros(values.size(), 0);
  const std::vector<std::string> inputs{
      tensor(name + "_int32", channels, onnx::TensorProto::INT32, values.data(),
             values.size() * sizeof(std::int32_t)),
      floats(name + "_scale", channels, scales),
      tensor(name + "_zero_point", channels, onnx::TensorProto::INT32, zeros.data(),
             zeros.size() * sizeof(std::int32_t))};
  set_attribute(node("DequantizeLinear", name, inputs), "axis", 0);
  return name;
}

std::vector<std::string> OnnxBuilder::layer_inputs(const std::string& x,
                                                   const OnnxWeights& weights) {
  const std::string rounded_name = weights.layer + "_input";
  if (weights.int8) {
    const std::string in =
        rounded(x, rounded_name, weights.int8->input_scale, weights.int8->input_unsigned);
    const std::string weight = int8_weight(weights);
    return {in, weight, int32_bias(weights)};
  }
  const std::string in =
      weights.input_scale ? rounded(x, rounded_name, *weights.input_scale, true) : x;
  return {in, floats(weights.layer + ".weight", weights.dims, weights.weight),
          floats(weights.layer + ".bias", {weights.dims[0]}, weights.bias)};
}

}  // namespace mobireg
