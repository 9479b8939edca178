#include "synth/synth_options.h"

#include "core/fail.h"

namespace mobireg {

void require_in_range(const char* name, double value, double low, double high) {
  // Written so that NaN is refused too.
  if (!(value >= low && value <= high)) {
    fail("synth: {} is {}, but must be from {} to {}", name, value, low, high);
  }
}

void require_valid_heads(const SynthOptions& options) {
  require_in_range("size", options.size, 16, 1024);
  require_in_range("max_yaw", options.max_yaw, 0, 90);
  require_in_range("max_pitch", options.max_pitch, 0, 90);
  require_in_range("max_roll", options.max_roll, 0, 90);
}

PoseLimits pose_limits(const SynthOptions& options) {
  constexpr double kRadians = 3.14159265358979323846 / 180;
  return {options.max_pitch * kRadians, options.max_yaw * kRadians, options.max_roll * kRadians};
}

}  // namespace mobireg
