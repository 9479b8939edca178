#include <torch/script.h>

#include <algorithm>

#include "core/fail.h"
#include "deploy/loaded_network.h"
#include "deploy/torchscript_reader.h"
#include "deploy/trained_network.h"
#include "mobireg/model/head_outputs.h"

namespace mobireg {
namespace {

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

NetworkFunction by_libtorch(torch::jit::Module module, const ModelConfig& model,
                            const std::string& origin) {
  const InputConfig& input = model.input;
  const std::vector<std::int64_t> shape{0, input.channels(), input.size, input.size};
  const std::int64_t columns = raw_column_count(model);
  return [=](const float* in, std::int64_t count, float* out) mutable {
    const c10::InferenceMode inference;
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
}

}  // namespace

LoadedNetwork load_torchscript(const std::filesystem::path& path, RunBy by) {
  const std::string origin = path.string();
  std::string json;
  const torch::jit::Module module = read_module(path, json);
  if (json.empty()) {
    fail("{}: it has no model card; mobireg reads the files mobireg-export writes", origin);
  }
  const ModelCard card = ModelCard::from_json(json, origin);
  const InputConfig& input = card.model.input;
  const auto network = by == RunBy::kEngine ? from_torchscript(module, input) : std::nullopt;
  const NetworkFunction run =
      network ? engine_function(*network) : by_libtorch(module, card.model, origin);
  if (card.normalization_inside) return {card, run};
  return {card, after(outside_normalization(card, origin), input, run)};
}

}  // namespace mobireg
