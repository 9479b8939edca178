#include "mobireg/config/units.h"

namespace mobireg {

double report_factor(Unit unit) { return unit == Unit::kRadians ? 57.29577951308232 : 1.0; }

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
