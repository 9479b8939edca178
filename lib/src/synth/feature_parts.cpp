#include <cmath>

#include "synth/head_parts.h"

namespace mobireg {
namespace {

constexpr float kSides[] = {-1, 1};
constexpr float kEyeLevel = 0.08F;
const Colour kWhite = rgb(0.93F, 0.92F, 0.90F);
const Colour kBlack = rgb(0.04F, 0.03F, 0.03F);

/// What of the plane above `height` over the middle of a shape is kept.
HalfSpace above(const Ellipsoid& shape, float height) {
  return {{0, 1, 0}, shape.center[1] + height};
}

Ellipsoid grown(Ellipsoid shape, float factor, const Material& material) {
  shape.radii *= factor;
  shape.material = material;
  return shape;
}

void add_lids(const Person& person, const Ellipsoid& ball, Parts& parts) {
  const Material lid = {person.skin * 0.86F, 0.05F, false};
  const float height = person.lid * ball.radii[1];
  Ellipsoid lashes = grown(ball, 1.06F, {kBlack});
  lashes.kept = above(ball, height);
  Ellipsoid upper = grown(ball, 1.12F, lid);
  upper.kept = above(ball, height + 0.03F);
  Ellipsoid lower = grown(ball, 1.08F, lid);
  lower.kept = {{0, -1, 0}, -ball.center[1] + 0.6F * ball.radii[1]};
  parts.insert(parts.end(), {lashes, upper, lower});
}

void add_eye(const Person& person, const Parts& skin, float side, Parts& parts) {
  const float x = side * person.eye_distance;
  const cv::Vec3f center = {x, kEyeLevel, front_depth(skin, x, kEyeLevel) - 0.09F};
  const cv::Vec3f radii = cv::Vec3f{0.205F, 0.16F, 0.135F} * person.eye_size;
  // Turned outwards with the face, or the far eye of a profile would bulge out of it.
  const Ellipsoid ball = {center, radii, {kWhite, 0.3F, false}, turn_about_y(side * 0.3F)};
  const cv::Matx33f look = turn_about_y(person.gaze[0]) * turn_about_x(-person.gaze[1]);
  const cv::Vec3f ahead = look * cv::Vec3f{0, 0, radii[2]};
  const float iris = 0.088F * person.eye_size;
  parts.push_back(ball);
  parts.push_back({center + ahead, {iris, iris, 0.03F}, {person.iris, 0.4F, false}, look});
  parts.push_back({center + ahead * 1.08F, {0.45F * iris, 0.45F * iris, 0.03F}, {kBlack}, look});
  add_lids(person, ball, parts);
}

void add_brow(const Person& person, const Parts& skin, float side, Parts& parts) {
  const float x = side * (person.eye_distance + 0.01F);
  const float y = kEyeLevel + 0.25F * person.brow_height;
  const Colour colour = mix(person.hair_colour, kBlack, 0.7F);
  parts.push_back({{x, y, front_depth(skin, x, y) - 0.01F},
                   {0.18F, 0.045F * person.brow_thickness, 0.05F},
                   {colour},
                   turn_about_y(side * 0.45F) * turn_about_z(-side * person.brow_slant)});
}

void add_mouth(const Person& person, const Parts& skin, Parts& parts) {
  const float y = -0.54F, z = front_depth(skin, 0, y), width = 0.23F * person.mouth_width;
  const float gap = person.mouth_open;
  const Material lip = {person.lips, 0.25F, false};
  parts.push_back({{0, y + 0.045F + gap, z - 0.01F}, {width, 0.052F, 0.06F}, lip});
  parts.push_back({{0, y - 0.055F - gap, z - 0.01F}, {0.85F * width, 0.065F, 0.07F}, lip});
  parts.push_back({{0, y, z - 0.02F}, {0.95F * width, 0.02F + gap, 0.055F}, {kBlack}});
  if (gap > 0) {
    parts.push_back(
        {{0, y + 0.6F * gap, z - 0.01F}, {0.75F * width, 0.5F * gap, 0.055F}, {kWhite}});
  }
}

void add_nostrils(const Person& person, Parts& parts) {
  for (const float side : kSides) {
    parts.push_back({{side * 0.06F * person.nose_width, -0.345F, 0.75F + 0.1F * person.nose_length},
                     {0.038F, 0.03F, 0.045F},
                     {person.skin * 0.25F}});
  }
}

}  // namespace

Parts feature_parts(const Person& person, const Parts& skin) {
  Parts parts;
  for (const float side : kSides) {
    add_eye(person, skin, side, parts);
    add_brow(person, skin, side, parts);
  }
  add_mouth(person, skin, parts);
  add_nostrils(person, parts);
  return parts;
}

}  // namespace mobireg
