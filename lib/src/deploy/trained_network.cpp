#include "deploy/trained_network.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/sha256.h"
#include "deploy/training_record.h"
#include "mobireg/config/run_config.h"
#include "mobireg/core/file.h"
#include "mobireg/core/version.h"
#include "mobireg/model/weights.h"

namespace mobireg {
namespace {

/// A checkpoint's config is a run's, with the model in it; saved weights have the model's alone.
ModelConfig model_of(const std::string& config_json, const std::string& origin) {
  const auto json = nlohmann::json::parse(config_json, nullptr, false);
  if (!json.is_object()) fail("{}: its config is not JSON", origin);
  return model_config_from_json(json.contains("model") ? json["model"].dump() : config_json,
                                origin);
}

}  // namespace

TrainedNetwork load_trained_network(const std::filesystem::path& path) {
  const std::string origin = path.string();
  const TensorFile file = read_safetensors(path);
  const auto config = file.metadata.find("config");
  if (config == file.metadata.end()) {
    fail("{}: it does not say which network it is of; a checkpoint of mobireg is needed", origin);
  }
  TrainedNetwork trained;
  trained.card.model = model_of(config->second, origin);
  trained.card.checkpoint_sha256 = to_hex(digest_of(read_file(path)));
  trained.card.mobireg_version = version();
  read_training_record(path, file, trained.card);
  trained.standardizer =
      std::make_shared<const Standardizer>(trained.card.model.input, file.find(kWhiteningName));
  if (trained.standardizer->is_affine()) {
    trained.card.mean = trained.standardizer->mean();
    trained.card.scale = trained.standardizer->scale();
  }
  trained.network = Regressor(trained.card.model);
  load_weights(*trained.network, file, origin, kNotWeights);
  trained.network->eval();
  return trained;
}

}  // namespace mobireg
