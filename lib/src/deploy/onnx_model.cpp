#include "deploy/onnx_model.h"

#include "core/fail.h"
#include "deploy/protobuf_reader.h"

namespace mobireg {
namespace {

// The field numbers are those of onnx.proto.

OnnxAttribute parse_attribute(std::string_view bytes, const std::string& origin,
                              std::string_view& name) {
  OnnxAttribute attribute;
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 1) name = field.bytes;
    if (field.number == 2) attribute.f = field.real();
    if (field.number == 3) attribute.i = field.integer();
    if (field.number == 8) reader.append(field, attribute.ints);
  }
  return attribute;
}

OnnxNode parse_node(std::string_view bytes, const std::string& origin) {
  OnnxNode node;
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 1) node.inputs.push_back(field.bytes);
    if (field.number == 2) node.outputs.push_back(field.bytes);
    if (field.number == 3) node.name = field.bytes;
    if (field.number == 4) node.op = field.bytes;
    if (field.number == 5) {
      std::string_view name;
      const OnnxAttribute attribute = parse_attribute(field.bytes, origin, name);
      node.attributes[name] = attribute;
    }
  }
  return node;
}

void parse_tensor(std::string_view bytes, const std::string& origin, OnnxModel& model) {
  OnnxTensor tensor;
  std::string_view name;
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 1) reader.append(field, tensor.dims);
    if (field.number == 2) tensor.type = static_cast<int>(field.integer());
    if (field.number == 8) name = field.bytes;
    if (field.number == 9) tensor.raw = field.bytes;
  }
  model.tensors[name] = tensor;
}

/// The bytes of the last field of that number; empty where there is none.
std::string_view child(std::string_view bytes, std::uint64_t number, const std::string& origin) {
  std::string_view found;
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == number) found = field.bytes;
  }
  return found;
}

OnnxValue parse_value(std::string_view bytes, const std::string& origin) {
  OnnxValue value{child(bytes, 1, origin), {}};
  const std::string_view tensor_type = child(child(bytes, 2, origin), 1, origin);
  ProtobufReader shape(child(tensor_type, 2, origin), origin);
  for (ProtobufField dim; shape.next(dim);) {
    std::int64_t size = -1;
    ProtobufReader reader(dim.bytes, origin);
    for (ProtobufField field; reader.next(field);) {
      if (field.number == 1) size = field.integer();
    }
    value.dims.push_back(size);
  }
  return value;
}

void parse_graph(std::string_view bytes, const std::string& origin, OnnxModel& model) {
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 1) model.nodes.push_back(parse_node(field.bytes, origin));
    if (field.number == 5) parse_tensor(field.bytes, origin, model);
    if (field.number == 11) model.inputs.push_back(parse_value(field.bytes, origin));
    if (field.number == 12) model.outputs.push_back(parse_value(field.bytes, origin));
  }
}

void parse_opset(std::string_view bytes, const std::string& origin, OnnxModel& model) {
  if (!child(bytes, 1, origin).empty()) return;  // of another domain than ONNX's own
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 2) model.opset = field.integer();
  }
}

}  // namespace

OnnxModel parse_onnx(std::string_view bytes, const std::string& origin) {
  OnnxModel model;
  ProtobufReader reader(bytes, origin);
  for (ProtobufField field; reader.next(field);) {
    if (field.number == 7) parse_graph(field.bytes, origin, model);
    if (field.number == 8) parse_opset(field.bytes, origin, model);
    if (field.number == 14) {
      model.metadata[child(field.bytes, 1, origin)] = child(field.bytes, 2, origin);
    }
  }
  if (model.nodes.empty() || model.opset == 0) {
    fail("{}: not a usable ONNX file; it is damaged or of another kind", origin);
  }
  return model;
}

}  // namespace mobireg
