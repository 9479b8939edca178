#include "mobireg/config/units.h"

namespace mobireg {

double report_factor(Unit unit) { return is_angle(unit) ? unit_factor(unit, Unit::kDegrees) : 1.0; }

bool is_angle(Unit unit) { return unit == Unit::kRadians || unit == Unit::kDegrees; }

double unit_factor(Unit from, Unit to) {
  constexpr double kDegreesPerRadian = 57.29577951308232;
  if (from == to) return 1.0;
  return from == Unit::kRadians ? kDegreesPerRadian : 1 / kDegreesPerRadian;
}

const char* report_unit(Unit unit) {
  switch (unit) {
    case Unit::kRadians:
    case Unit::kDegrees:
      return "deg";
    case Unit::kImage:
      return "image";
    case Unit::kPixels:
      return "px";
    case Unit::kNone:
      break;
  }
  return "";
}

}  // namespace mobireg
