#pragma once

#include "mobireg/core/random.h"

namespace mobireg {

constexpr float kPi = 3.14159265F;

/// In [low, high).
inline float uniform(Random& random, float low, float high) {
  return static_cast<float>(random.uniform(low, high));
}

inline bool happens(Random& random, double probability) { return random.uniform() < probability; }

}  // namespace mobireg
