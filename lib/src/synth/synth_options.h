#pragma once

#include "mobireg/synth/synth.h"
#include "synth/head_scene.h"

namespace mobireg {

/// Throws `Error` unless `value` lies in [low, high]. `name`: of the option, for the message.
void require_in_range(const char* name, double value, double low, double high);

/// Checks the options that say what pictures look like: the size and the limits of the angles.
void require_valid_heads(const SynthOptions& options);

/// The limits in radians.
PoseLimits pose_limits(const SynthOptions& options);

}  // namespace mobireg
