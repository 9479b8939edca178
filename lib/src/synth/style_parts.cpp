#include <cmath>

#include "synth/head_parts.h"
#include "synth/random_float.h"

namespace mobireg {
namespace {

constexpr float kSides[] = {-1, 1};
constexpr float kEyeLevel = 0.08F;

/// The skull once more, a little larger and moved up and back, so that hair is thinnest along the
/// hairline and thickest on the far side of it.
Ellipsoid hair_cap(const Person& person, const Ellipsoid& skull, float thickness) {
  Ellipsoid cap = skull;
  const cv::Vec3f up_and_back = cv::normalize(cv::Vec3f{person.parting, 0.76F, -0.65F});
  cap.center += up_and_back * thickness;
  cap.radii += cv::Vec3f{1, 1, 1} * 0.5F * thickness;
  cap.material = {person.hair_colour, 0.2F, false};
  cap.kept = {up_and_back, 0.07F - person.hairline};
  return cap;
}

void add_hair(const Person& person, const Ellipsoid& skull, Parts& parts) {
  const Material hair = {person.hair_colour, 0.2F, false};
  switch (person.hair) {
    case Hair::kBald:
      break;
    case Hair::kCropped:
    case Hair::kParted:
      parts.push_back(hair_cap(person, skull, 0.06F));
      break;
    case Hair::kLong:
      parts.push_back(hair_cap(person, skull, 0.09F));
      parts.push_back({{0, -0.30F, -0.38F},
                       {person.skull_width + 0.12F, 1.05F, 0.62F},
                       hair,
                       cv::Matx33f::eye(),
                       {{0, 0, -1}, -0.02F}});
      break;
    case Hair::kCurly:
      parts.push_back(hair_cap(person, skull, 0.18F));
      break;
    case Hair::kBun:
      parts.push_back(hair_cap(person, skull, 0.05F));
      parts.push_back({{0, 0.80F, -0.75F}, {0.30F, 0.28F, 0.28F}, hair});
      break;
  }
}

void add_beard(const Person& person, const Parts& skin, Parts& parts) {
  if (person.beard == Beard::kNone) return;
  const Material hair = {mix(person.hair_colour, person.skin, 0.15F), 0.05F, false};
  parts.push_back({{0, -0.43F, front_depth(skin, 0, -0.43F) - 0.02F},
                   {0.22F * person.mouth_width, 0.045F, 0.07F},
                   hair});
  if (person.beard == Beard::kMoustache) return;
  // The jaw and the chin, a little larger, from below the mouth down.
  for (const std::size_t part : {1, 2}) {
    Ellipsoid beard = skin[part];
    beard.radii += cv::Vec3f{0.03F, 0.05F, 0.04F};
    beard.material = hair;
    beard.kept = {{0, -0.88F, -0.47F}, 0.30F};
    parts.push_back(beard);
  }
}

/// A ring of small balls around each eye, a bridge, and temples to the ears.
void add_glasses(const Person& person, const Parts& skin, Parts& parts) {
  if (person.glasses == Glasses::kNone) return;
  constexpr int kBalls = 20;
  const Material frame = {person.frames, 0.3F, false};
  const float z = front_depth(skin, person.eye_distance, kEyeLevel) + 0.14F;
  for (const float side : kSides) {
    const cv::Vec3f center = {side * person.eye_distance, kEyeLevel - 0.02F, z};
    for (int i = 0; i < kBalls; ++i) {
      const float angle = 2 * kPi * static_cast<float>(i) / kBalls;
      parts.push_back({center + cv::Vec3f{0.22F * std::cos(angle), 0.18F * std::sin(angle), 0},
                       {0.042F, 0.03F, 0.03F},
                       frame});
    }
    if (person.glasses == Glasses::kDark) {
      parts.push_back({center, {0.21F, 0.17F, 0.03F}, {person.frames * 0.5F, 0.6F, false}});
    }
    parts.push_back({{side * (person.skull_width + 0.01F), kEyeLevel + 0.03F, 0.5F * z - 0.05F},
                     {0.03F, 0.03F, 0.5F * z + 0.05F},
                     frame});
  }
  parts.push_back({{0, kEyeLevel + 0.03F, z}, {0.08F, 0.025F, 0.03F}, frame});
}

}  // namespace

Parts style_parts(const Person& person, const Parts& skin) {
  Parts parts;
  add_hair(person, skin.front(), parts);
  add_beard(person, skin, parts);
  add_glasses(person, skin, parts);
  return parts;
}

}  // namespace mobireg
