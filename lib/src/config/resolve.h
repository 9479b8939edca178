#pragma once

#include <string>
#include <vector>

#include "mobireg/config/run_config.h"

namespace mobireg {

// The parts of resolve_config; each throws Error with the field, the value and what is allowed.

/// Every name that the brace patterns stand for.
std::vector<std::string> expanded(const std::vector<std::string>& patterns);

void make_absolute(std::filesystem::path& path);

/// `model` must be resolved already.
void resolve_data(DataConfig& data, const ModelConfig& model);

/// Also refuses geometry that labels which follow could not follow. The rest of `config` must be
/// resolved.
void resolve_augmentation(RunConfig& config);

}  // namespace mobireg
