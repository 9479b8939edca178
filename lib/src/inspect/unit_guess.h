#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

struct UnitGuess {
  std::optional<Unit> unit;  // unset: no telling
  std::string reason;        // "95 % of the values are beyond 3.2"; empty where there is no guess
};

/// Which unit the labels of one column look like, where another than the declared one is possible.
/// values: as they stand in the CSV, but of unit `pixels` in units of the image.
/// widest_angle: what 99 % of the values are within, of that angle of the set where it is largest,
/// so that a roll within 3 degrees is not taken for radians.
UnitGuess guess_unit(const std::vector<double>& values, Unit declared, double widest_angle);

/// Whether angles run from 0 to a full turn and not from minus a half turn to a half turn.
bool is_full_turn(const std::vector<double>& values, Unit unit);

}  // namespace mobireg
