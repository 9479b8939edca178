#include "synth/head_parts.h"

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

constexpr float kSides[] = {-1, 1};

/// A frame whose y axis points along `direction`.
cv::Matx33f upright_along(const cv::Vec3f& direction) {
  const cv::Vec3f y = cv::normalize(direction);
  const cv::Vec3f x = cv::normalize(y.cross(cv::Vec3f{0, 0, 1}));
  const cv::Vec3f z = x.cross(y);
  return {x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]};
}

void add_nose(const Person& person, Parts& parts) {
  const Material ridge = {mix(person.skin, person.nose, 0.5F), 0.12F, true};
  const Material tip = {person.nose, 0.2F, true};
  const float length = person.nose_length, width = person.nose_width;
  parts.push_back({{0, -0.06F, 0.70F + 0.06F * length},
                   {0.085F * width, 0.30F, 0.12F},
                   ridge,
                   turn_about_x(-0.30F * length)});
  parts.push_back({{0, -0.25F, 0.76F + 0.15F * length}, {0.125F * width, 0.115F, 0.15F}, tip});
  for (const float side : kSides) {
    parts.push_back({{side * 0.10F * width, -0.28F, 0.77F}, {0.08F, 0.075F, 0.10F}, tip});
  }
}

Parts body_parts(const HeadScene& scene, const cv::Vec3f& skull_base) {
  const Pose turn = {0, scene.body_turn[0], scene.body_turn[1]};
  const cv::Matx33f camera = head_to_camera(turn);
  const cv::Vec3f collar = skull_base + camera * cv::Vec3f{0, -0.85F, -0.08F};
  const cv::Vec3f chest = collar + camera * cv::Vec3f{0, -0.55F, -0.05F};
  const cv::Vec3f neck = skull_base - collar;
  const Material skin = {scene.person.skin * 0.92F, 0, true};
  const Material cloth = {scene.person.clothes, 0, false};
  const float half_neck = 0.5F * static_cast<float>(cv::norm(neck));
  return {{collar + 0.5F * neck, {0.36F, half_neck + 0.3F, 0.36F}, skin, upright_along(neck)},
          {collar, {0.50F, 0.16F, 0.46F}, cloth, camera},
          {chest, {1.45F, 0.62F, 0.55F}, cloth, camera}};
}

}  // namespace

Parts skin_parts(const Person& person) {
  const Material skin = {person.skin, 0.08F, true};
  const Material cheek = {mix(person.skin, person.nose, 0.4F), 0.08F, true};
  Parts parts = {{{0, 0.24F, -0.12F}, {person.skull_width, 0.76F, 0.88F}, skin},
                 {{0, -0.15F, 0.10F}, {person.jaw_width, 0.80F, 0.66F}, skin},
                 {{0, -0.70F, 0.30F}, {0.33F * person.chin, 0.29F, 0.38F}, skin}};
  for (const float side : kSides) {
    parts.push_back(
        {{side * 0.25F, -0.28F, 0.28F}, cv::Vec3f{0.33F, 0.36F, 0.38F} * person.cheeks, cheek});
    parts.push_back({{side * (person.skull_width + 0.04F), 0, -0.10F},
                     cv::Vec3f{0.10F, 0.25F, 0.16F} * person.ear_size,
                     cheek,
                     turn_about_y(side * 0.4F) * turn_about_z(-side * 0.15F)});
  }
  add_nose(person, parts);
  for (Ellipsoid& part : parts) part.casts_shadow = true;
  return parts;
}

float front_depth(const Parts& parts, float x, float y) {
  float front = 0;
  for (const Ellipsoid& part : parts) {
    const float u = (x - part.center[0]) / part.radii[0], v = (y - part.center[1]) / part.radii[1];
    const float rest = 1 - u * u - v * v;
    if (rest > 0) front = std::max(front, part.center[2] + part.radii[2] * std::sqrt(rest));
  }
  return front;
}

cv::Matx33f head_to_camera(const Pose& pose) {
  const Rotation r = rotation_from_pose(pose);
  cv::Matx33f matrix;
  std::copy(r.begin(), r.end(), matrix.val);
  return matrix;
}

Parts scene_parts(const HeadScene& scene) {
  const Person& person = scene.person;
  const cv::Matx33f camera = head_to_camera(scene.pose);
  const Parts skin = skin_parts(person);
  Parts parts;
  for (const Parts& group : {skin, feature_parts(person, skin), style_parts(person, skin)}) {
    for (const Ellipsoid& part : group) parts.push_back(placed(part, camera, {0, 0, 0}));
  }
  const Parts body = body_parts(scene, camera * cv::Vec3f{0, -0.42F, -0.28F});
  parts.insert(parts.end(), body.begin(), body.end());
  return parts;
}

}  // namespace mobireg
