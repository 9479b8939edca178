#include "mobireg/deploy/predictor.h"

#include <torch/script.h>

#include <array>
#include <fstream>
#include <functional>

#include "core/fail.h"
#include "deploy/trained_network.h"

namespace mobireg {

struct Predictor::Network {
  ModelCard card;
  std::function<at::Tensor(const at::Tensor& pixels)> predict;
};

namespace {

/// TorchScript files are zip archives.
bool is_zip(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 4> magic{};
  if (!stream.read(magic.data(), magic.size())) fail("{}: cannot be read", path.string());
  return magic == std::array<char, 4>{'P', 'K', 3, 4};
}

std::shared_ptr<const Predictor::Network> load_checkpoint(const std::filesystem::path& path) {
  TrainedNetwork trained = load_trained_network(path);
  // eval() only reads weights from here on, so a shared module serves all threads.
  return std::make_shared<Predictor::Network>(
      Predictor::Network{trained.card, [trained](const at::Tensor& pixels) mutable {
                           return trained.network->forward(trained.standardizer->apply(pixels));
                         }});
}

std::shared_ptr<const Predictor::Network> load_torchscript(const std::filesystem::path& path) {
  torch::jit::ExtraFilesMap extra{{kModelCardFile, ""}};
  torch::jit::Module module;
  try {
    module = torch::jit::load(path.string(), torch::kCPU, extra);
  } catch (const c10::Error&) {
    fail("{}: not a usable TorchScript file; it is damaged or of another kind", path.string());
  }
  if (extra[kModelCardFile].empty()) {
    fail("{}: it has no model card; mobireg reads the files mobireg-export writes", path.string());
  }
  const ModelCard card = ModelCard::from_json(extra[kModelCardFile], path.string());
  const Standardizer standardizer(card.model.input);
  return std::make_shared<Predictor::Network>(Predictor::Network{
      card, [module, card, standardizer](const at::Tensor& pixels) mutable {
        const at::Tensor fed = card.normalization_inside ? pixels : standardizer.apply(pixels);
        return module.forward({fed}).toTensor();
      }});
}

}  // namespace

Predictor::Predictor(std::shared_ptr<const Network> network) : network_(std::move(network)) {}

Predictor Predictor::load(const std::filesystem::path& path) {
  return Predictor(is_zip(path) ? load_torchscript(path) : load_checkpoint(path));
}

at::Tensor Predictor::predict(const at::Tensor& pixels) const {
  const c10::InferenceMode inference;
  return network_->predict(pixels);
}

const ModelCard& Predictor::card() const { return network_->card; }

}  // namespace mobireg
