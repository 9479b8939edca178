#include "synth/head_scene.h"

#include <cmath>

#include "synth/random_float.h"

namespace mobireg {
namespace {

Pose random_pose(Random& random, const PoseLimits& limits) {
  Pose pose;
  pose.pitch = random.uniform(-limits.pitch, limits.pitch);
  pose.yaw = random.uniform(-limits.yaw, limits.yaw);
  pose.roll = random.uniform(-limits.roll, limits.roll);
  return pose;
}

Light random_light(Random& random) {
  // Mostly from above, as lamps and the sky are; never from behind, where it would show nothing.
  const float azimuth = uniform(random, -0.6F, 0.6F), height = uniform(random, 0.1F, 0.6F);
  const float brightness = uniform(random, 0.3F, 0.5F), ambient = uniform(random, 0.5F, 0.65F);
  const float warmth = uniform(random, -0.06F, 0.06F);
  Light light;
  light.direction = {std::sin(azimuth) * std::cos(height), std::sin(height),
                     std::cos(azimuth) * std::cos(height)};
  light.lamp = brightness * rgb(1 + warmth, 1, 1 - warmth);
  light.ambient = ambient * rgb(1 - warmth / 2, 1, 1 + warmth / 2);
  return light;
}

}  // namespace

HeadScene random_head_scene(const PoseLimits& limits, std::uint64_t seed, std::int64_t index) {
  Random random(derive_seed(seed, "synth"), 0, static_cast<std::uint64_t>(index));
  HeadScene scene;
  scene.pose = random_pose(random, limits);
  // Shoulders follow a turned head, but too loosely to give its pose away.
  scene.body_turn = {0.3F * static_cast<float>(scene.pose.yaw) + uniform(random, -0.2F, 0.2F),
                     uniform(random, -0.12F, 0.12F)};
  scene.scale = uniform(random, 0.41F, 0.44F);
  scene.offset = {uniform(random, -0.02F, 0.02F), uniform(random, -0.02F, 0.02F)};
  scene.person = random_person(random);
  scene.light = random_light(random);
  scene.backdrop = random_backdrop(random);
  scene.grain = uniform(random, 0, 0.01F);
  scene.grain_seed = std::uint64_t{random.next()};
  return scene;
}

}  // namespace mobireg
