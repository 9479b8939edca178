#pragma once

#include <nlohmann/json.hpp>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// The card's `raw_outputs`: the names of the columns that a network of `model` gives, which of
/// them belong to which outputs, and how they become these.
nlohmann::ordered_json raw_outputs_json(const ModelConfig& model);

}  // namespace mobireg
