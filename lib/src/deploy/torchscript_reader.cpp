#include "deploy/torchscript_reader.h"

#include <algorithm>

namespace mobireg {
namespace {

using torch::jit::Node;
using torch::jit::Value;

struct OtherNetwork {};

void require(bool holds) {
  if (!holds) throw OtherNetwork();
}

c10::IValue constant(const Value* value) {
  const auto found = torch::jit::toIValue(value);
  require(found.has_value());
  return *found;
}

at::Tensor tensor(const Value* value) {
  const c10::IValue found = constant(value);
  require(found.isTensor());
  return found.toTensor().to(at::kCPU, at::kFloat).contiguous();
}

std::vector<float> floats(const at::Tensor& values) {
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

std::vector<std::int64_t> integers(const Value* value) {
  if (const auto found = torch::jit::toIValue(value)) return found->toIntVector();
  require(value->node()->kind() == c10::prim::ListConstruct);
  std::vector<std::int64_t> numbers;
  for (const Value* each : value->node()->inputs()) numbers.push_back(constant(each).toInt());
  return numbers;
}

/// The one number of a list that repeats it.
int repeated(const Value* value) {
  const std::vector<std::int64_t> numbers = integers(value);
  require(!numbers.empty() && std::count(numbers.begin(), numbers.end(), numbers[0]) ==
                                  static_cast<std::ptrdiff_t>(numbers.size()));
  return static_cast<int>(numbers[0]);
}

/// Follows the graph from its input to its output, layer by layer.
class Reader {
 public:
  explicit Reader(const InputConfig& input) {
    network_.input_size = input.size;
    network_.input_channels = input.channels();
  }

  Network read(const torch::jit::Graph& graph) {
    x_ = graph.inputs().back();
    for (const Node* node : graph.nodes()) take(*node);
    require(done_ && graph.outputs().size() == 1 && graph.outputs()[0] == x_);
    return std::move(network_);
  }

 private:
  void take(const Node& node) {
    const std::string kind = node.kind().toQualString();
    if (kind == "prim::Constant" || kind == "prim::ListConstruct") return;
    require(!done_ && node.outputs().size() == 1);
    if (kind == "aten::linear") return dense(node);
    if (kind == "aten::relu") return relu(node);
    if (kind == "aten::cat") return join(node);
    require(node.input(0) == x_);
    if (kind == "aten::sub") {
      network_.normalization.mean = floats(tensor(node.input(1)));
    } else if (kind == "aten::div") {
      network_.normalization.scale = floats(tensor(node.input(1)));
    } else if (kind == "aten::constant_pad_nd") {
      const std::vector<std::int64_t> pads = integers(node.input(1));
      require(pads.size() == 4 && pads[0] == pads[2] && pads[1] == pads[3]);
      pads_ = {static_cast<int>(pads[0]), static_cast<int>(pads[1])};
    } else if (kind == "aten::conv2d") {
      convolution(node);
    } else if (kind == "aten::hardtanh") {
      require(constant(node.input(1)).toScalar().toDouble() == 0 &&
              constant(node.input(2)).toScalar().toDouble() == 6);
    } else if (kind == "aten::avg_pool2d") {
      network_.pool_size = repeated(node.input(1));
    } else {
      require(kind == "aten::flatten");
      features_ = node.output();
    }
    x_ = node.output();
  }

  void convolution(const Node& node) {
    const at::Tensor weight = tensor(node.input(1));
    require(weight.dim() == 4 && repeated(node.input(5)) == 1);
    ConvolutionLayer layer;
    layer.name = "conv" + std::to_string(network_.convolutions.size() + 1);
    layer.groups = static_cast<int>(constant(node.input(6)).toInt());
    layer.in_channels = static_cast<int>(weight.size(1)) * layer.groups;
    layer.out_channels = static_cast<int>(weight.size(0));
    layer.kernel = static_cast<int>(weight.size(2));
    layer.stride = repeated(node.input(3));
    const int around = repeated(node.input(4));
    layer.pad_begin = pads_.first + around;
    layer.pad_end = pads_.second + around;
    layer.weight = floats(weight);
    layer.bias = floats(tensor(node.input(2)));
    pads_ = {0, 0};
    network_.convolutions.push_back(std::move(layer));
  }

  void dense(const Node& node) {
    const at::Tensor weight = tensor(node.input(1));
    DenseLayer layer;
    layer.inputs = static_cast<int>(weight.size(1));
    layer.outputs = static_cast<int>(weight.size(0));
    layer.weight = floats(weight);
    layer.bias = floats(tensor(node.input(2)));
    if (node.input(0) == features_) {
      network_.heads.push_back({"head" + std::to_string(network_.heads.size() + 1), {}});
      outputs_.push_back(nullptr);
      layer.name = network_.heads.back().name + "_hidden";
    } else {
      require(!outputs_.empty() && node.input(0) == outputs_.back());
      layer.name = network_.heads.back().name + "_output";
    }
    network_.heads.back().layers.push_back(std::move(layer));
    outputs_.back() = node.output();
  }

  void relu(const Node& node) {
    require(!outputs_.empty() && node.input(0) == outputs_.back());
    network_.heads.back().layers.back().relu = true;
    outputs_.back() = node.output();
  }

  void join(const Node& node) {
    const Node* list = node.input(0)->node();
    require(
        list->kind() == c10::prim::ListConstruct && constant(node.input(1)).toInt() == 1 &&
        std::equal(list->inputs().begin(), list->inputs().end(), outputs_.begin(), outputs_.end()));
    x_ = node.output();
    done_ = true;
  }

  Network network_;
  const Value* x_ = nullptr;
  const Value* features_ = nullptr;
  std::vector<const Value*> outputs_;  // of the heads
  std::pair<int, int> pads_{0, 0};
  bool done_ = false;
};

}  // namespace

std::optional<Network> from_torchscript(const torch::jit::Module& module,
                                        const InputConfig& input) {
  try {
    return Reader(input).read(*module.get_method("forward").graph());
  } catch (const OtherNetwork&) {
    return std::nullopt;
  } catch (const c10::Error&) {  // of a constant of another type
    return std::nullopt;
  }
}

}  // namespace mobireg
