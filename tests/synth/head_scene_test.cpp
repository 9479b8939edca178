#include "synth/head_scene.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

namespace mobireg {
namespace {

const PoseLimits kLimits = {0.7, 1.05, 0.6};

TEST_CASE("a scene is a function of seed and index") {
  const HeadScene scene = random_head_scene(kLimits, 7, 42);
  const HeadScene again = random_head_scene(kLimits, 7, 42);
  CHECK(scene.pose.yaw == again.pose.yaw);
  CHECK(scene.person.skin == again.person.skin);
  CHECK(scene.grain_seed == again.grain_seed);
  CHECK(random_head_scene(kLimits, 7, 43).pose.yaw != scene.pose.yaw);
  CHECK(random_head_scene(kLimits, 8, 42).pose.yaw != scene.pose.yaw);
}

TEST_CASE("each angle is spread evenly over its range") {
  constexpr int kScenes = 4000, kBins = 8;
  std::array<std::array<int, kBins>, 3> counts{};
  for (int i = 0; i < kScenes; ++i) {
    const Pose pose = random_head_scene(kLimits, 1, i).pose;
    const std::array<double, 3> parts = {pose.pitch / kLimits.pitch, pose.yaw / kLimits.yaw,
                                         pose.roll / kLimits.roll};
    for (std::size_t angle = 0; angle < 3; ++angle) {
      REQUIRE(std::abs(parts[angle]) <= 1);
      const int bin = std::min(kBins - 1, static_cast<int>((parts[angle] + 1) / 2 * kBins));
      ++counts[angle][static_cast<std::size_t>(bin)];
    }
  }
  for (const auto& angle : counts) {
    for (const int count : angle) CHECK(count == Approx(kScenes / kBins).epsilon(0.2));
  }
}

TEST_CASE("limits of zero give heads that look straight ahead") {
  const Pose pose = random_head_scene({0, 0, 0}, 1, 5).pose;
  CHECK(pose.pitch == 0);
  CHECK(pose.yaw == 0);
  CHECK(pose.roll == 0);
}

TEST_CASE("every style of hair, beard and glasses occurs") {
  std::array<int, 6> hair{};
  std::array<int, 3> beard{}, glasses{};
  for (int i = 0; i < 500; ++i) {
    const Person person = random_head_scene(kLimits, 1, i).person;
    ++hair[static_cast<std::size_t>(person.hair)];
    ++beard[static_cast<std::size_t>(person.beard)];
    ++glasses[static_cast<std::size_t>(person.glasses)];
  }
  CHECK(*std::min_element(hair.begin(), hair.end()) > 0);
  CHECK(*std::min_element(beard.begin(), beard.end()) > 0);
  CHECK(*std::min_element(glasses.begin(), glasses.end()) > 0);
}

}  // namespace
}  // namespace mobireg
