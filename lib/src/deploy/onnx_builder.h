#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "deploy/network.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace mobireg {

/// What a layer's weights are written from, a convolution's and a Dense's alike.
struct OnnxWeights {
  std::string layer;
  std::vector<std::int64_t> dims;  // output channels first
  const std::vector<float>& weight;
  const std::vector<float>& bias;
  const std::optional<Int8Layer>& int8;
  std::optional<float> input_scale{};  // of a float layer whose input is rounded
};

/// Adds nodes and tensors to a graph. Every node has one output, of the node's name.
class OnnxBuilder {
 public:
  using Dims = std::vector<std::int64_t>;

  explicit OnnxBuilder(onnx::GraphProto& graph) : graph_(graph) {}

  onnx::NodeProto& node(const char* op, const std::string& name,
                        const std::vector<std::string>& inputs);

  /// Adds a tensor and returns its name.
  std::string floats(const std::string& name, const Dims& dims, const std::vector<float>& values);

  /// x rounded to multiples of `scale`, 0 to 255 of them, or -128 to 127. Returns the value's name.
  std::string rounded(const std::string& x, const std::string& name, float scale, bool is_unsigned);

  /// What a Conv or Gemm takes: x, weight and bias; in int8 with the nodes that belong to them.
  /// Throws Error when a bias does not fit its scale.
  std::vector<std::string> layer_inputs(const std::string& x, const OnnxWeights& weights);

 private:
  std::string tensor(const std::string& name, const Dims& dims, int type, const void* data,
                     std::size_t size);
  std::string int8_weight(const OnnxWeights& weights);
  std::string int32_bias(const OnnxWeights& weights);

  onnx::GraphProto& graph_;
  std::map<std::tuple<std::string, float, bool>, std::string> roundings_;  // to the rounded value
};

void set_attribute(onnx::NodeProto& node, const char* name, float value);
void set_attribute(onnx::NodeProto& node, const char* name, int value);
void set_attribute(onnx::NodeProto& node, const char* name, const std::vector<int>& values);

}  // namespace mobireg
