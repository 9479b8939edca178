#pragma once

#include <cstdint>

#include "mobireg/model/regressor.h"

namespace mobireg {

/// Keras's initialisers: glorot_uniform weights, zero biases, ones and zeros for batch
/// normalisation. Each tensor's numbers depend on `seed` and its name alone.
void initialize_as_keras(RegressorImpl& network, std::uint64_t seed);

}  // namespace mobireg
