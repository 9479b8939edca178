#include "image/pose_axes.h"

#include <limits>

namespace mobireg {
namespace {

const std::vector<OutputConfig> kPose{{"age", Unit::kNone, OutputKind::kPlain},
                                      {"yaw", Unit::kDegrees, OutputKind::kYaw},
                                      {"pitch", Unit::kRadians, OutputKind::kPitch},
                                      {"roll", Unit::kDegrees, OutputKind::kRoll}};

TEST_CASE("a head that looks into the camera has its axes to the right, up and towards us") {
  const auto [x, y, z] = seen_axes({});
  CHECK((x.x == 1 && x.y == 0));
  CHECK((y.x == 0 && y.y == -1));  // up the image
  CHECK((z.x == 0 && z.y == 0 && z.depth == 1));
}

TEST_CASE("the nose goes where the signs of pitch and yaw say, the crown where that of roll says") {
  CHECK(seen_axes({0, 0.5, 0})[2].x < -0.4);  // yaw > 0: to the left edge
  CHECK(seen_axes({0.5, 0, 0})[2].y < -0.4);  // pitch > 0: up
  CHECK(seen_axes({0, 0, 0.5})[1].x > 0.4);   // roll > 0: clockwise
  CHECK(seen_axes({0, 0, 0.5})[0].y > 0.4);
}

TEST_CASE("the axis that points at the viewer is drawn last") {
  using Order = std::array<std::size_t, 3>;
  CHECK(drawing_order(seen_axes({0, 0.1, 0})) == Order{1, 0, 2});
  CHECK(drawing_order(seen_axes({0, 1.5, 0})) == Order{1, 2, 0});
  CHECK(drawing_order(seen_axes({1.5, 0, 0})) == Order{1, 0, 2});
}

TEST_CASE("a pose is read in radians, whatever the order and the units of its outputs") {
  const std::optional<Pose> pose = pose_of(kPose, {30, 90, 0.5F, -45});
  REQUIRE(pose.has_value());
  CHECK(pose->pitch == Approx(0.5));
  CHECK(pose->yaw == Approx(1.5707963));
  CHECK(pose->roll == Approx(-0.78539816));
}

TEST_CASE("an angle that is no output is 0") {
  const std::optional<Pose> pose = pose_of({{"yaw", Unit::kRadians, OutputKind::kYaw}}, {0.25F});
  REQUIRE(pose.has_value());
  CHECK(pose->yaw == 0.25);
  CHECK(pose->pitch == 0);
  CHECK(pose->roll == 0);
}

TEST_CASE("there is no pose where an angle is missing, or none is an output") {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(pose_of(kPose, {30, 0, missing, 0}).has_value());
  CHECK(pose_of(kPose, {missing, 0, 0, 0}).has_value());
  CHECK_FALSE(pose_of({kPose[0]}, {30}).has_value());
}

}  // namespace
}  // namespace mobireg
