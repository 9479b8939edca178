#pragma once

#include <memory>

#include "deploy/loaded_network.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

/// A Standardizer as it is applied to (count, channels, size, size) pixels.
NetworkFunction standardize_images(std::shared_ptr<const Standardizer> standardizer,
                                   const InputConfig& input);

}  // namespace mobireg
