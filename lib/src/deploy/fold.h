#pragma once

#include "deploy/network.h"
#include "mobireg/model/regressor.h"

namespace mobireg {

/// The network as inference needs it: batch normalisation folded into the convolutions, in double
/// precision. `normalization_inside` puts the input's mean and scale into it. Throws Error where
/// that is asked for and the input's standardisation is no mean and scale.
Network fold(const Regressor& network, bool normalization_inside);

}  // namespace mobireg
