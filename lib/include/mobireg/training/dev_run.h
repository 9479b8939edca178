#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "mobireg/config/run_config.h"

namespace mobireg {

/// Whether everything of a run works: a few batches of training and validation, checkpoints, an
/// interruption and resume in the middle of an epoch, and prediction from the checkpoint, in a
/// folder of temporary files that is removed. `passed` is told each part when it is done. Every
/// row's label and image header is checked, as in the run itself; images are not kept in memory,
/// nor cached. Sets LibTorch's thread count. Returns false when `stop` was set. Throws Error that
/// begins with the part that failed.
bool fast_dev_run(const RunConfig& config, const std::function<void(const std::string&)>& passed,
                  const std::atomic<bool>& stop);

}  // namespace mobireg
