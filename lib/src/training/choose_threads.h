#pragma once

#include "mobireg/config/run_config.h"

namespace mobireg {

/// The compute threads for a run that leaves them open: the least of 1, 2, 4, ... and all cores
/// from which on twice as many would not be a twentieth faster, by short training steps of its
/// network on random images. Leaves LibTorch's thread count at that.
int choose_threads(const RunConfig& config);

}  // namespace mobireg
