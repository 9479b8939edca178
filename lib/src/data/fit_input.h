#pragma once

#include "mobireg/config/model_config.h"

namespace mobireg {

/// Throws Error when fitting and keeping the whitening matrix takes more than `bytes`.
void check_whitening_fits(const InputConfig& input, double bytes);

}  // namespace mobireg
