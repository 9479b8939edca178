#pragma once

#include "mobireg/config/model_config.h"

namespace mobireg {

/// What a value in `unit` is multiplied by for reports: angles are reported in degrees.
double report_factor(Unit unit);

/// The unit's name in reports: "deg", "image", "px" or "".
const char* report_unit(Unit unit);

}  // namespace mobireg
