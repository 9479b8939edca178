#include "deploy/torchscript_writer.h"

#include <fmt/format.h>
#include <torch/csrc/jit/passes/freeze_module.h>

#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

/// (1, channels, 1, 1) float.
at::Tensor a_channel(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).to(torch::kFloat).view({1, -1, 1, 1});
}

/// Collects the module's tensors and the source of its forward, line by line.
class Script {
 public:
  explicit Script(torch::jit::Module& module) : module_(module) {}

  void line(const std::string& text) { source_ += "  " + text + "\n"; }

  /// Registers a tensor and returns how the source names it.
  std::string tensor(const std::string& name, const at::Tensor& value) {
    module_.register_parameter(name, value, /*is_buffer=*/false);
    return "self." + name;
  }

  const std::string& source() const { return source_; }

 private:
  torch::jit::Module& module_;
  std::string source_ = "def forward(self, x):\n";
};

void write_convolution(Script& script, const FoldedConvolution& conv) {
  const std::string weight = script.tensor(conv.name + "_weight", conv.weight);
  const std::string bias = script.tensor(conv.name + "_bias", conv.bias);
  const bool even = conv.pad_begin == conv.pad_end;
  if (!even) {
    script.line(fmt::format("x = torch.constant_pad_nd(x, [{0}, {1}, {0}, {1}])", conv.pad_begin,
                            conv.pad_end));
  }
  script.line(fmt::format("x = torch.conv2d(x, {}, {}, [{}, {}], [{}, {}], [1, 1], {})", weight,
                          bias, conv.stride, conv.stride, even ? conv.pad_begin : 0,
                          even ? conv.pad_begin : 0, conv.groups));
  script.line("x = torch.hardtanh(x, 0., 6.)");
}

std::string write_head(Script& script, const FoldedHead& head) {
  std::string x = "x";
  for (std::size_t i = 0; i < head.layers.size(); ++i) {
    const FoldedDense& dense = head.layers[i];
    const std::string weight = script.tensor(dense.name + "_weight", dense.weight);
    const std::string bias = script.tensor(dense.name + "_bias", dense.bias);
    script.line(fmt::format("{} = torch.linear({}, {}, {})", dense.name, x, weight, bias));
    x = dense.name;
    if (i + 1 < head.layers.size()) script.line(fmt::format("{0} = torch.relu({0})", x));
  }
  return x;
}

}  // namespace

torch::jit::Module to_torchscript(const FoldedNetwork& network, bool normalization_inside) {
  torch::jit::Module module("MobileNetRegressor");
  Script script(module);
  if (normalization_inside) {
    const Standardizer standardizer(network.config.input);
    const std::string mean = script.tensor("mean", a_channel(standardizer.mean()));
    const std::string scale = script.tensor("scale", a_channel(standardizer.scale()));
    script.line(fmt::format("x = (x - {}) / {}", mean, scale));
  }
  for (const FoldedConvolution& conv : network.convolutions) write_convolution(script, conv);
  script.line(fmt::format("x = torch.avg_pool2d(x, [{0}, {0}], [{0}, {0}])", network.pool_size));
  script.line("x = torch.flatten(x, 1)");
  std::string outputs;
  for (const FoldedHead& head : network.heads) {
    outputs += (outputs.empty() ? "" : ", ") + write_head(script, head);
  }
  script.line(fmt::format("return torch.cat([{}], 1)", outputs));
  module.define(script.source());
  module.eval();
  return torch::jit::freeze_module(module);
}

}  // namespace mobireg
