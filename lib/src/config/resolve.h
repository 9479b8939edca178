#pragma once

#include <string>
#include <vector>

#include "mobireg/config/run_config.h"

namespace mobireg {

// The parts of resolve_config; each throws Error with the field, the value and what is allowed.

/// Every name that the brace patterns stand for.
std::vector<std::string> expanded(const std::vector<std::string>& patterns);

void make_absolute(std::filesystem::path& path);

/// What a head's form, uncertainty and own loss ask of it. The rest of `model` must be resolved.
void check_heads(const ModelConfig& model);

/// What `training.loss` asks of the heads that have none of their own.
void check_losses(const RunConfig& config);

/// The optimiser's schedule, and what a network begins from.
void resolve_training(TrainingConfig& training);

/// Teachers, and images without labels.
void resolve_teaching(TrainingConfig& training);

/// `model` must be resolved already.
void resolve_data(DataConfig& data, const ModelConfig& model);

/// Also refuses geometry that labels which follow could not follow. The rest of `config` must be
/// resolved.
void resolve_augmentation(RunConfig& config);

}  // namespace mobireg
