#include "mobireg/core/rotation.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/core/random.h"

namespace mobireg {
namespace {

constexpr double kPi = 3.14159265358979323846;

Rotation product(const Rotation& a, const Rotation& b) {
  Rotation result{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t k = 0; k < 3; ++k) {
        result[3 * row + column] += a[3 * row + k] * b[3 * k + column];
      }
    }
  }
  return result;
}

void require_equal(const Rotation& a, const Rotation& b) {
  for (std::size_t i = 0; i < 9; ++i) {
    INFO("entry " << i);
    REQUIRE(a[i] == Approx(b[i]).margin(1e-12));
  }
}

Pose random_pose(Random& random) {
  return {random.uniform(-kPi, kPi), random.uniform(-1.57, 1.57), random.uniform(-kPi, kPi)};
}

TEST_CASE("a pose survives the way through its matrix and back") {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const Pose pose = random_pose(random);
    const Pose back = pose_from_rotation(rotation_from_pose(pose));
    REQUIRE(back.pitch == Approx(pose.pitch).margin(1e-9));
    REQUIRE(back.yaw == Approx(pose.yaw).margin(1e-9));
    REQUIRE(back.roll == Approx(pose.roll).margin(1e-9));
  }
}

TEST_CASE("the matrix is the product of the three matrices of the convention") {
  const double p = 0.3, y = -0.8, r = 1.1;
  const Rotation rx = {1, 0, 0, 0, std::cos(p), std::sin(p), 0, -std::sin(p), std::cos(p)};
  const Rotation ry = {std::cos(y), 0, -std::sin(y), 0, 1, 0, std::sin(y), 0, std::cos(y)};
  const Rotation rz = {std::cos(r), std::sin(r), 0, -std::sin(r), std::cos(r), 0, 0, 0, 1};
  require_equal(rotation_from_pose({p, y, r}), product(product(rx, ry), rz));
}

TEST_CASE("positive pitch turns the nose up, positive yaw turns it to the left of the image") {
  const Rotation up = rotation_from_pose({0.5, 0, 0});
  REQUIRE(up[2] == Approx(0).margin(1e-12));
  REQUIRE(up[5] == Approx(std::sin(0.5)));
  const Rotation left = rotation_from_pose({0, 0.5, 0});
  REQUIRE(left[2] == Approx(-std::sin(0.5)));
  REQUIRE(left[5] == Approx(0).margin(1e-12));
}

TEST_CASE("positive roll tilts the top of the head to the right of the image") {
  const Rotation clockwise = rotation_from_pose({0, 0, 0.5});
  REQUIRE(clockwise[1] == Approx(std::sin(0.5)));
  REQUIRE(clockwise[4] == Approx(std::cos(0.5)));
}

TEST_CASE("mirroring the image negates yaw and roll") {
  const Rotation mirror = {-1, 0, 0, 0, 1, 0, 0, 0, 1};
  const Rotation turned = rotation_from_pose({0.2, 0.7, -0.4});
  require_equal(product(product(mirror, turned), mirror), rotation_from_pose({0.2, -0.7, 0.4}));
}

TEST_CASE("turning the image clockwise multiplies by Rz from the left") {
  const Rotation turned = product(rotation_from_pose({0, 0, 0.3}), rotation_from_pose({0, 0, 0.4}));
  REQUIRE(pose_from_rotation(turned).roll == Approx(0.7));
}

TEST_CASE("a pose at gimbal lock keeps its rotation, with roll 0") {
  for (const double yaw : {kPi / 2, -kPi / 2}) {
    const Rotation locked = rotation_from_pose({0.4, yaw, 0.3});
    const Pose pose = pose_from_rotation(locked);
    REQUIRE(pose.roll == 0);
    REQUIRE(pose.yaw == Approx(yaw));
    require_equal(rotation_from_pose(pose), locked);
  }
}

TEST_CASE("a head that is turned away by 99 degrees keeps its yaw in its upright pose") {
  Random random(2);
  for (int i = 0; i < 1000; ++i) {
    const double degree = kPi / 180;
    const Pose pose{random.uniform(-85, 85) * degree, random.uniform(-99, 99) * degree,
                    random.uniform(-85, 85) * degree};
    const Pose back = upright_pose_from_rotation(rotation_from_pose(pose));
    REQUIRE(back.pitch == Approx(pose.pitch).margin(1e-9));
    REQUIRE(back.yaw == Approx(pose.yaw).margin(1e-9));
    REQUIRE(back.roll == Approx(pose.roll).margin(1e-9));
  }
}

TEST_CASE("an upright pose is the rotation it was made of, and its angles the smaller ones") {
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const Rotation rotation = rotation_from_pose(
        {random.uniform(-kPi, kPi), random.uniform(-kPi, kPi), random.uniform(-kPi, kPi)});
    const Pose pose = upright_pose_from_rotation(rotation);
    require_equal(rotation_from_pose(pose), rotation);
    REQUIRE(std::fabs(pose.pitch) + std::fabs(pose.yaw) + std::fabs(pose.roll) <= 1.5 * kPi);
  }
}

TEST_CASE("two columns of any length and angle give the rotation that is nearest the first") {
  Random random(4);
  for (int i = 0; i < 1000; ++i) {
    const Rotation r = rotation_from_pose(random_pose(random));
    const double a = random.uniform(0.1, 10), b = random.uniform(0.1, 10);
    const double skew = random.uniform(-3, 3);
    require_equal(rotation_from_columns({a * r[0], a * r[3], a * r[6],  //
                                         b * r[1] + skew * r[0], b * r[4] + skew * r[3],
                                         b * r[7] + skew * r[6]}),
                  r);
  }
}

TEST_CASE("columns that are no rotation give finite numbers") {
  for (const RotationColumns& columns :
       {RotationColumns{}, RotationColumns{1, 0, 0, 2, 0, 0}, RotationColumns{0, 0, 0, 0, 1, 0}}) {
    const Pose pose = upright_pose_from_rotation(rotation_from_columns(columns));
    REQUIRE(std::isfinite(pose.pitch + pose.yaw + pose.roll));
  }
}

}  // namespace
}  // namespace mobireg
