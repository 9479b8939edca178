#include "deploy/onnx_cursor.h"

#include "mobireg/core/text.h"

namespace mobireg {
namespace {

/// -1 where a dimension is not positive, or the tensor is too large.
std::int64_t element_count(const std::vector<std::int64_t>& dims) {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 1 || dim > kMost / count) return -1;
    count *= dim;
  }
  return count;
}

}  // namespace

const OnnxNode& OnnxCursor::peek(std::size_t ahead) const {
  if (next_ + ahead >= model_.nodes.size()) refuse("the graph ends in the middle");
  return model_.nodes[next_ + ahead];
}

const OnnxNode& OnnxCursor::take(std::string_view op, std::size_t inputs) {
  const OnnxNode& node = peek(0);
  if (node.op != op)
    refuse("node {} is {} where {} is expected", in_quotes(node.name), in_quotes(node.op), op);
  if (node.inputs.size() != inputs || node.outputs.size() != 1) {
    refuse("node {} has {} inputs and {} outputs", in_quotes(node.name), node.inputs.size(),
           node.outputs.size());
  }
  ++next_;
  return node;
}

void OnnxCursor::take_rounding() {
  if (!at("QuantizeLinear")) return;
  const OnnxNode& quantize = take("QuantizeLinear", 3);
  const OnnxNode& dequantize = take("DequantizeLinear", 3);
  if (dequantize.inputs[0] != quantize.outputs[0] || dequantize.inputs[1] != quantize.inputs[1] ||
      dequantize.inputs[2] != quantize.inputs[2]) {
    refuse("nodes {} and {} do not belong together", in_quotes(quantize.name),
           in_quotes(dequantize.name));
  }
  const auto found = model_.tensors.find(quantize.inputs[2]);
  const bool is_unsigned = found != model_.tensors.end() && found->second.type == kOnnxUint8;
  const auto zero_point =
      values<std::uint8_t>(quantize.inputs[2], is_unsigned ? kOnnxUint8 : kOnnxInt8);
  const float scale = scalar(quantize.inputs[1]);
  if (zero_point != std::vector<std::uint8_t>{0} || !(scale > 0)) {
    refuse("node {} has a zero point other than 0, or a scale that is not positive",
           in_quotes(quantize.name));
  }
  roundings_[dequantize.outputs[0]] = {quantize.inputs[0], scale, is_unsigned};
}

std::optional<OnnxRounding> OnnxCursor::rounding_of(std::string_view value) const {
  const auto found = roundings_.find(value);
  if (found == roundings_.end()) return std::nullopt;
  return found->second;
}

const OnnxAttribute& OnnxCursor::attribute(const OnnxNode& node, const char* name) const {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) refuse("node {} has no {}", in_quotes(node.name), name);
  return found->second;
}

const std::vector<std::int64_t>& OnnxCursor::integers(const OnnxNode& node, const char* name,
                                                      std::size_t count) const {
  const std::vector<std::int64_t>& ints = attribute(node, name).ints;
  if (ints.size() != count)
    refuse("node {} has no {} of {} numbers", in_quotes(node.name), name, count);
  for (const std::int64_t value : ints) {
    if (value < 0 || value > 4096)
      refuse("node {} has the {} {}", in_quotes(node.name), name, value);
  }
  if (count == 2 && ints[0] != ints[1]) refuse("node {} has two {}", in_quotes(node.name), name);
  return ints;
}

const OnnxTensor& OnnxCursor::tensor(std::string_view name, OnnxType type) const {
  const auto found = model_.tensors.find(name);
  if (found == model_.tensors.end()) refuse("there is no tensor {}", in_quotes(name));
  if (found->second.type != type) {
    refuse("tensor {} is of type {} where {} is expected", in_quotes(name), found->second.type,
           static_cast<int>(type));
  }
  return found->second;
}

const std::vector<std::int64_t>& OnnxCursor::dims(std::string_view name, OnnxType type) const {
  return tensor(name, type).dims;
}

std::string_view OnnxCursor::bytes(std::string_view name, OnnxType type,
                                   std::size_t element) const {
  const OnnxTensor& found = tensor(name, type);
  const std::int64_t count = element_count(found.dims);
  if (count < 0 || found.raw.size() != static_cast<std::size_t>(count) * element) {
    refuse("tensor {} has {} bytes, which its shape does not give", in_quotes(name),
           found.raw.size());
  }
  return found.raw;
}

float OnnxCursor::scalar(std::string_view name) const {
  const std::vector<float> found = values<float>(name, kOnnxFloat);
  if (found.size() != 1) refuse("tensor {} is not one number", in_quotes(name));
  return found[0];
}

}  // namespace mobireg
