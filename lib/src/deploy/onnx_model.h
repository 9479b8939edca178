#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

// What mobireg reads of an ONNX file. Texts and tensors are views into the file's bytes.

struct OnnxTensor {
  int type = 0;  // TensorProto.DataType
  std::vector<std::int64_t> dims;
  std::string_view raw;  // little-endian
};

struct OnnxAttribute {
  float f = 0;
  std::int64_t i = 0;
  std::vector<std::int64_t> ints;
};

struct OnnxNode {
  std::string_view op;
  std::string_view name;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::map<std::string_view, OnnxAttribute> attributes;
};

struct OnnxValue {
  std::string_view name;
  std::vector<std::int64_t> dims;  // -1: open
};

struct OnnxModel {
  std::int64_t opset = 0;
  std::vector<OnnxNode> nodes;
  std::map<std::string_view, OnnxTensor> tensors;
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
  std::map<std::string_view, std::string_view> metadata;
};

/// Reads the protobuf encoding. `bytes` must outlive the model. Throws Error, beginning with
/// `origin`, where they are no ONNX model or stop short.
OnnxModel parse_onnx(std::string_view bytes, const std::string& origin);

}  // namespace mobireg
