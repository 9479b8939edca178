#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>

#include "core/fail.h"
#include "deploy/loaded_network.h"
#include "deploy/trained_network.h"
#include "mobireg/model/mobilenet.h"

namespace mobireg {
namespace {

#if TORCH_VERSION_MAJOR >= 2
namespace torch_warnings = c10::WarningUtils;
struct IgnoreWarnings final : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};
#else
namespace torch_warnings = c10::Warning;
struct IgnoreWarnings final : c10::WarningHandler {
  void process(const c10::SourceLocation&, const std::string&, const bool) override {}
};
#endif

/// LibTorch 1.13 warns on stderr of what its own optimised graph does, in every layer of every
/// call. Handlers are a thread's own.
class QuietLibTorch {
  IgnoreWarnings ignore_;
  torch_warnings::WarningHandlerGuard guard_{&ignore_};
};

/// Whether LibTorch's optimised form of the network gives the network's numbers: that of 1.13 loses
/// ReLU6's limit in layers whose channels do not fill oneDNN's blocks of 16.
bool optimizes_exactly(const ModelConfig& model) {
#if TORCH_VERSION_MAJOR < 2
  const std::vector<MobileNetLayer> layers = mobilenet_layers(model);
  return std::all_of(layers.begin(), layers.end(),
                     [](const MobileNetLayer& layer) { return layer.out_channels % 16 == 0; });
#else
  return true;
#endif
}

/// A sixth faster with oneDNN's layouts; what cannot be optimised runs as it is.
torch::jit::Module optimized(torch::jit::Module module, const ModelConfig& model) {
  if (!optimizes_exactly(model)) return module;
  try {
    return torch::jit::optimize_for_inference(module);
  } catch (const std::exception&) {
    return module;
  }
}

torch::jit::Module read_module(const std::filesystem::path& path, std::string& card) {
  torch::jit::ExtraFilesMap extra{{kModelCardFile, ""}};
  try {
    torch::jit::Module module = torch::jit::load(path.string(), torch::kCPU, extra);
    card = extra[kModelCardFile];
    return module;
  } catch (const c10::Error&) {
    fail("{}: not a usable TorchScript file; it is damaged or of another kind", path.string());
  }
}

}  // namespace

LoadedNetwork load_torchscript(const std::filesystem::path& path) {
  const std::string origin = path.string();
  std::string json;
  torch::jit::Module module = read_module(path, json);
  if (json.empty()) {
    fail("{}: it has no model card; mobireg reads the files mobireg-export writes", origin);
  }
  const ModelCard card = ModelCard::from_json(json, origin);
  module = optimized(std::move(module), card.model);
  const InputConfig& input = card.model.input;
  const std::vector<std::int64_t> shape{0, input.channels(), input.size, input.size};
  const auto columns = static_cast<std::int64_t>(card.model.outputs.size());
  const NetworkFunction run = [=](const float* in, std::int64_t count, float* out) mutable {
    const c10::InferenceMode inference;
    const QuietLibTorch quiet;
    std::vector<std::int64_t> sizes = shape;
    sizes[0] = count;
    const at::Tensor pixels = at::from_blob(const_cast<float*>(in), sizes);  // only read
    const at::Tensor result = module.forward({pixels}).toTensor().to(at::kFloat).contiguous();
    if (result.numel() != count * columns) {
      fail("{}: it gives {} values for {} images; its model card names {} outputs", origin,
           result.numel(), count, columns);
    }
    std::copy_n(result.data_ptr<float>(), result.numel(), out);
  };
  if (card.normalization_inside) return {card, run};
  return {card, after(outside_normalization(card, origin), input, run)};
}

}  // namespace mobireg
