#pragma once

#include "mobireg/data/image_data_generator.h"

namespace mobireg {

// Throw Error naming the option, its value and what is allowed.

void check_generator_options(const ImageDataGeneratorOptions& options);
void check_flow_options(const FlowOptions& options);

}  // namespace mobireg
