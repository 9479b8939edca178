#pragma once

#include "mobireg/config/run_config.h"

namespace mobireg {

/// A rotation, its outputs in an order of their own and the pitch in `pitch_unit`, an uncertain
/// head and a plain one.
inline ModelConfig mixed_model(Unit pitch_unit) {
  ModelConfig model;
  model.alpha = 0.25;
  model.input.size = 32;
  model.outputs = {{"yaw", Unit::kDegrees}, {"pitch", pitch_unit}, {"roll", Unit::kDegrees},
                   {"x0", Unit::kImage},    {"y0", Unit::kImage},  {"age", Unit::kNone}};
  model.heads = {{"pose", {"yaw", "pitch", "roll"}, 24, 0.2, 1, HeadForm::kRotation},
                 {"eye", {"x0", "y0"}, 16, 0.2, 1, HeadForm::kValues, true},
                 {"age", {"age"}, 8}};
  return resolve_config(model);
}

}  // namespace mobireg
