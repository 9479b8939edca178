#pragma once

#include <filesystem>

#include "mobireg/data/batch.h"

namespace mobireg {

/// Writes a sample's pixels as an 8-bit PNG, rounded and cut off at 0 and 255. Makes the folder.
/// Throws Error when it cannot be written.
void save_sample(const Sample& sample, const InputConfig& input, const std::filesystem::path& path);

}  // namespace mobireg
