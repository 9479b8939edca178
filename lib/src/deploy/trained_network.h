#pragma once

#include <filesystem>
#include <memory>

#include "mobireg/data/standardizer.h"
#include "mobireg/deploy/model_card.h"
#include "mobireg/model/regressor.h"

namespace mobireg {

/// The name of the card inside exported archives.
inline constexpr const char* kModelCardFile = "model_card.json";

/// The network of a checkpoint, in evaluation mode, with its card.
struct TrainedNetwork {
  Regressor network{nullptr};
  ModelCard card;
  std::shared_ptr<const Standardizer> standardizer;
};

/// Reads a checkpoint, or weights saved by `save_weights`. Throws Error.
TrainedNetwork load_trained_network(const std::filesystem::path& path);

}  // namespace mobireg
