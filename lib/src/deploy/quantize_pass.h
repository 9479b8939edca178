#pragma once

#include <ATen/core/Tensor.h>

#include "deploy/network.h"
#include "deploy/quantize.h"

namespace mobireg {

/// Goes through the network once, with `images` in the float network and in the int8 one that is
/// made on the way. `network`: equalised already. options.recipe must be set.
QuantizedNetwork quantize_layers(const Network& network, const at::Tensor& images,
                                 const QuantizeOptions& options);

}  // namespace mobireg
