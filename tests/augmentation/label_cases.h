#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "augmentation/geometry.h"
#include "mobireg/core/random.h"
#include "mobireg/core/rotation.h"

namespace mobireg {

inline constexpr double kRadiansPerDegree = 0.017453292519943295;
inline constexpr double kPi = 3.14159265358979323846;
inline constexpr int kSize = 64;
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Targets = std::vector<float>;

inline ModelConfig pose_model(Unit unit = Unit::kRadians) {
  ModelConfig model;
  model.outputs = {{"pitch", unit, OutputKind::kPitch},
                   {"yaw", unit, OutputKind::kYaw},
                   {"roll", unit, OutputKind::kRoll}};
  return model;
}

/// Outputs x0, y0, x1, y1, ...
inline ModelConfig points_model(int points, std::vector<int> mirror_map = {}) {
  ModelConfig model;
  model.outputs.clear();
  for (int i = 0; i < points; ++i) {
    model.outputs.push_back({"x" + std::to_string(i), Unit::kImage, OutputKind::kX});
    model.outputs.push_back({"y" + std::to_string(i), Unit::kImage, OutputKind::kY});
  }
  model.mirror_map = std::move(mirror_map);
  return model;
}

inline Targets moved(const ModelConfig& model, const Affine& to_source, Targets targets) {
  LabelTransform(model).apply(to_source, kSize, targets.data());
  return targets;
}

/// The map by which the image turns clockwise, as seen.
inline Affine clockwise(double degrees) {
  AugmentationParameters p;
  p.rotation = -degrees;
  return augmentation_affine(p, kSize);
}

inline Affine flipped(bool horizontal, bool vertical) {
  AugmentationParameters p;
  p.flip_horizontal = horizontal;
  p.flip_vertical = vertical;
  return augmentation_affine(p, kSize);
}

/// Rotation, shift and flips; the same zoom along both axes.
inline Affine random_similarity(Random& random) {
  AugmentationParameters p;
  p.rotation = random.uniform(-30, 30);
  p.x_shift = random.uniform(-3, 3);
  p.y_shift = random.uniform(-3, 3);
  p.x_zoom = p.y_zoom = random.uniform(0.9, 1.1);
  p.flip_horizontal = random.uniform() < 0.5;
  p.flip_vertical = random.uniform() < 0.5;
  return augmentation_affine(p, kSize);
}

inline Affine random_affine(Random& random) {
  AugmentationParameters p;
  p.shear = random.uniform(-15, 15);
  p.x_zoom = random.uniform(0.85, 1.15);
  p.y_zoom = random.uniform(0.85, 1.15);
  return compose(augmentation_affine(p, kSize), random_similarity(random));
}

inline Targets random_pose(Random& random) {
  const auto angle = [&] { return static_cast<float>(random.uniform(-0.9, 0.9)); };
  return {angle(), angle(), angle()};
}

inline Rotation rotation_of(const Targets& pose) {
  return rotation_from_pose({pose[0], pose[1], pose[2]});
}

inline void check_near(const Targets& a, const Targets& b, double margin = 1e-5) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("output " << i);
    CHECK(a[i] == Approx(b[i]).margin(margin));
  }
}

inline void check_same_rotation(const Rotation& a, const Rotation& b) {
  for (std::size_t i = 0; i < 9; ++i) CHECK(a[i] == Approx(b[i]).margin(2e-6));
}

}  // namespace mobireg
