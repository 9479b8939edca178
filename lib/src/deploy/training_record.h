#pragma once

#include <filesystem>

#include "mobireg/deploy/model_card.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

/// Puts into the card what a checkpoint's metadata tell of its training, and what the run folder
/// tells that it lies in, where it does. Saved weights without a record leave the card as it is.
/// Throws Error when the record is damaged.
void read_training_record(const std::filesystem::path& path, const TensorFile& checkpoint,
                          ModelCard& card);

}  // namespace mobireg
