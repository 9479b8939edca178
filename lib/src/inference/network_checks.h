#pragma once

#include "deploy/network.h"

namespace mobireg {

/// Pixels a side of what `layer` makes of a map of `size`.
int output_size(const ConvolutionLayer& layer, int size);

/// Throws Error where the network is not what InferenceEngine runs, or its sizes do not agree.
void check_network(const Network& network);

}  // namespace mobireg
