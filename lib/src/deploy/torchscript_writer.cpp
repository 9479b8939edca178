#include "deploy/torchscript_writer.h"

#include <fmt/format.h>
#include <torch/csrc/jit/passes/freeze_module.h>

#include "core/fail.h"

namespace mobireg {
namespace {

at::Tensor to_tensor(const std::vector<float>& values, at::IntArrayRef shape) {
  return torch::tensor(values).view(shape);
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

void check_float(const std::string& layer, const std::optional<Int8Layer>& int8) {
  if (int8) fail("{}: it is in int8; TorchScript is written of float layers only", layer);
}

void write_normalization(Script& script, const InputNormalization& normalization) {
  if (normalization.mean.empty()) return;
  const std::string mean = script.tensor("mean", to_tensor(normalization.mean, {1, -1, 1, 1}));
  const std::string scale = script.tensor("scale", to_tensor(normalization.scale, {1, -1, 1, 1}));
  script.line(fmt::format("x = (x - {}) / {}", mean, scale));
}

void write_convolution(Script& script, const ConvolutionLayer& conv) {
  check_float(conv.name, conv.int8);
  const std::string weight =
      script.tensor(conv.name + "_weight",
                    to_tensor(conv.weight, {conv.out_channels, -1, conv.kernel, conv.kernel}));
  const std::string bias = script.tensor(conv.name + "_bias", to_tensor(conv.bias, {-1}));
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

std::string write_head(Script& script, const NetworkHead& head) {
  std::string x = "x";
  for (const DenseLayer& dense : head.layers) {
    check_float(dense.name, dense.int8);
    const std::string weight = script.tensor(
        dense.name + "_weight", to_tensor(dense.weight, {dense.outputs, dense.inputs}));
    const std::string bias = script.tensor(dense.name + "_bias", to_tensor(dense.bias, {-1}));
    script.line(fmt::format("{} = torch.linear({}, {}, {})", dense.name, x, weight, bias));
    x = dense.name;
    if (dense.relu) script.line(fmt::format("{0} = torch.relu({0})", x));
  }
  return x;
}

/// From six numbers to the outputs, as upright_pose_from_rotation.
std::string write_angles(Script& script, const std::string& x, const std::string& head,
                         const std::array<float, 9>& to_outputs) {
  constexpr double kPi = 3.14159265358979323846;
  const at::Tensor turns = torch::tensor({-kPi, kPi, -kPi}, torch::kFloat);
  const at::Tensor signs = torch::tensor({0., -2., 0.}, torch::kFloat);
  const at::Tensor matrix = torch::tensor(at::ArrayRef<float>(to_outputs)).view({3, 3});
  script.line(fmt::format("a = {0}[:, 0:3]", x));
  script.line(fmt::format("c = torch.cross(a, {0}[:, 3:6], 1)", x));
  script.line("n = torch.sqrt(torch.sum(c * c, [1]))");
  script.line("pitch = torch.atan2(c[:, 1], c[:, 2])");
  script.line("yaw = torch.atan2(-c[:, 0], torch.sqrt(c[:, 1] * c[:, 1] + c[:, 2] * c[:, 2]))");
  script.line("roll = torch.atan2(c[:, 1] * a[:, 2] - c[:, 2] * a[:, 1], a[:, 0] * n)");
  script.line("y = torch.stack([pitch, yaw, roll], 1)");
  script.line(fmt::format("d = torch.sum(torch.abs(y), [1], True) - {}", 1.5 * kPi));
  script.line("d = 0.5 + 0.5 * torch.sign(torch.sign(d) - 0.5)");
  script.line(fmt::format("t = torch.sign(torch.sign(y) + 0.5) * {} + y * {}",
                          script.tensor(head + "_angles_turns", turns),
                          script.tensor(head + "_angles_signs", signs)));
  const std::string name = head + "_angles";
  script.line(fmt::format("{} = torch.linear(y + d * t, {})", name,
                          script.tensor(head + "_angles_outputs", matrix)));
  return name;
}

}  // namespace

torch::jit::Module to_torchscript(const Network& network, const HeadAngles& angles) {
  torch::jit::Module module("MobileNetRegressor");
  Script script(module);
  write_normalization(script, network.normalization);
  for (const ConvolutionLayer& conv : network.convolutions) write_convolution(script, conv);
  script.line(fmt::format("x = torch.avg_pool2d(x, [{0}, {0}], [{0}, {0}])", network.pool_size));
  script.line("x = torch.flatten(x, 1)");
  std::string outputs;
  for (const NetworkHead& head : network.heads) {
    std::string y = write_head(script, head);
    const auto to_outputs = angles.find(head.name);
    if (to_outputs != angles.end()) y = write_angles(script, y, head.name, to_outputs->second);
    outputs += (outputs.empty() ? "" : ", ") + y;
  }
  script.line(fmt::format("return torch.cat([{}], 1)", outputs));
  module.define(script.source());
  module.eval();
  return torch::jit::freeze_module(module);
}

}  // namespace mobireg
