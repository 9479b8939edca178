#pragma once

#include <cstdint>

#include "mobireg/core/rotation.h"
#include "synth/backdrop.h"
#include "synth/person.h"

namespace mobireg {

/// One far lamp and light from all around.
struct Light {
  cv::Vec3f direction = {0, 0, 1};  ///< Towards the lamp, length 1.
  Colour lamp = {0.7F, 0.7F, 0.7F};
  Colour ambient = {0.4F, 0.4F, 0.4F};
};

/// Everything that one picture shows.
struct HeadScene {
  Pose pose;
  cv::Vec2f body_turn = {0, 0};  ///< Yaw and roll of neck and shoulders; radians, signs as in Pose.
  float scale = 0.40F;           ///< Head unit, as a fraction of the picture's side.
  cv::Vec2f offset = {0, 0};     ///< Shift right and up, as a fraction of the picture's side.
  Person person;
  Light light;
  Backdrop backdrop;
  float grain = 0;  ///< Standard deviation of the sensor noise; white is 1.
  std::uint64_t grain_seed = 0;
};

/// Largest angles either way, in radians.
struct PoseLimits {
  double pitch = 0;
  double yaw = 0;
  double roll = 0;
};

/// The scene of picture `index` of the data set `seed`: a function of these two and the limits.
/// Each angle is uniform between its limits.
HeadScene random_head_scene(const PoseLimits& limits, std::uint64_t seed, std::int64_t index);

}  // namespace mobireg
