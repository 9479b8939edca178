#pragma once

#include <filesystem>

#include "mobireg/config/run_config.h"

namespace mobireg {

/// The run a checkpoint was written by. Throws Error that ends in `advice` when the file is none.
RunConfig run_of_checkpoint(const std::filesystem::path& file, const char* advice);

}  // namespace mobireg
