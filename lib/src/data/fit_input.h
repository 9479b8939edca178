#pragma once

#include "mobireg/config/model_config.h"

namespace mobireg {

/// With the switches that Keras's constructor turns for its user: dividing by a standard deviation
/// goes with subtracting the mean, and so does whitening, which takes the place of dividing by the
/// channels' standard deviations.
InputConfig with_implied_switches(InputConfig input);

/// Throws Error when fitting and keeping the whitening matrix takes more than `bytes`.
void check_whitening_fits(const InputConfig& input, double bytes);

}  // namespace mobireg
