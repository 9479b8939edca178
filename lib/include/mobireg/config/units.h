#pragma once

#include "mobireg/config/model_config.h"

namespace mobireg {

/// What a value in `unit` is multiplied by for reports: angles are reported in degrees.
double report_factor(Unit unit);

/// Radians or degrees.
bool is_angle(Unit unit);

/// What an angle in unit `from` is multiplied by to be in unit `to`; 1 for two units alike.
double unit_factor(Unit from, Unit to);

/// The unit's name in reports: "deg", "image", "px" or "".
const char* report_unit(Unit unit);

}  // namespace mobireg
