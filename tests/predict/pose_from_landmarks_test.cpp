#include "mobireg/predict/pose_from_landmarks.h"

#include <cmath>

#include "mobireg/core/error.h"
#include "predict/mean_face.h"

namespace mobireg {
namespace {

constexpr double kDegree = 0.017453292519943295;

/// The mean face's 31 points as a camera sees them, 100 units from eye corner to eye corner when it
/// is `distance` of them away; the other 37 points anywhere.
std::vector<ImagePoint> seen_points(const Pose& pose, double distance) {
  std::vector<ImagePoint> points(68, {1e4, -1e4});
  const Rotation r = rotation_from_pose(pose);
  for (std::size_t i = 0; i < kMeanFace.size(); ++i) {
    const auto& p = kMeanFace[i];
    const double x = r[0] * p[0] + r[1] * p[1] + r[2] * p[2];
    const double y = r[3] * p[0] + r[4] * p[1] + r[5] * p[2];
    const double z = r[6] * p[0] + r[7] * p[1] + r[8] * p[2];
    const double scale = 100 * distance / (distance - z);
    points[kMeanFaceBegin + i] = {320 + scale * x, 240 - scale * y};
  }
  return points;
}

TEST_CASE("a pose is found again from the points it gives") {
  for (const double pitch : {-35.0, 0.0, 20.0}) {
    for (const double yaw : {-60.0, -5.0, 0.0, 45.0}) {
      for (const double roll : {-70.0, 0.0, 10.0, 100.0}) {
        const Pose pose{pitch * kDegree, yaw * kDegree, roll * kDegree};
        const LandmarkPose found = pose_from_landmarks(seen_points(pose, 1e6));
        CAPTURE(pitch, yaw, roll);
        CHECK(found.pose.pitch / kDegree == Approx(pitch).margin(0.1));
        CHECK(found.pose.yaw / kDegree == Approx(yaw).margin(0.1));
        CHECK(found.pose.roll / kDegree == Approx(roll).margin(0.1));
        CHECK(found.error < 1e-3);
      }
    }
  }
}

TEST_CASE("with its camera a near head's pose is exact, and without it is not") {
  const Pose pose{-0.2, 0.5, 0.1};
  const std::vector<ImagePoint> points = seen_points(pose, 5);
  const LandmarkPose found = pose_from_landmarks(points, LandmarkCamera{500, {320, 240}});
  CHECK(found.pose.pitch == Approx(pose.pitch).margin(1e-4));
  CHECK(found.pose.yaw == Approx(pose.yaw).margin(1e-4));
  CHECK(found.pose.roll == Approx(pose.roll).margin(1e-4));
  CHECK(found.error < 1e-5);
  const LandmarkPose from_afar = pose_from_landmarks(points);
  CHECK(std::abs(from_afar.pose.yaw - pose.yaw) > 0.01);
  CHECK(from_afar.error > 0.01);
}

TEST_CASE("signs are what a viewer sees") {
  const Pose straight = pose_from_landmarks(seen_points({}, 1e6)).pose;
  CHECK(std::abs(straight.yaw) < 1e-3);
  std::vector<ImagePoint> points = seen_points({}, 1e6);
  for (std::size_t i = 27; i < 36; ++i) points[i].x -= 5;  // the nose towards the left edge
  CHECK(pose_from_landmarks(points).pose.yaw > 0.03);
  points = seen_points({}, 1e6);
  for (std::size_t i = 27; i < 36; ++i) points[i].y -= 5;  // the nose up
  CHECK(pose_from_landmarks(points).pose.pitch > 0.03);
  points = seen_points({}, 1e6);
  for (ImagePoint& point : points) {  // clockwise as seen
    point = {320 + 0.995 * (point.x - 320) - 0.0998 * (point.y - 240),
             240 + 0.0998 * (point.x - 320) + 0.995 * (point.y - 240)};
  }
  CHECK(pose_from_landmarks(points).pose.roll == Approx(0.1).margin(0.002));
}

TEST_CASE("the points' unit and place do not matter") {
  const std::vector<ImagePoint> points = seen_points({0.1, -0.4, 0.2}, 20);
  std::vector<ImagePoint> others = points;
  for (ImagePoint& point : others) point = {point.x / 640 - 3, point.y / 640 + 1};
  const LandmarkPose a = pose_from_landmarks(points);
  const LandmarkPose b = pose_from_landmarks(others);
  CHECK(a.pose.yaw == Approx(b.pose.yaw).margin(1e-6));
  CHECK(a.pose.pitch == Approx(b.pose.pitch).margin(1e-6));
  CHECK(a.error == Approx(b.error).margin(1e-6));
}

TEST_CASE("points that make no pose are refused") {
  CHECK_THROWS_WITH(pose_from_landmarks(std::vector<ImagePoint>(5)),
                    "a pose from 5 landmarks; 300-W's 68 are needed");
  std::vector<ImagePoint> points = seen_points({}, 1e6);
  points[20].y = NAN;
  CHECK_THROWS_WITH(pose_from_landmarks(points), Catch::Contains("landmark 20 is"));
  CHECK_THROWS_WITH(pose_from_landmarks(std::vector<ImagePoint>(68, {3, 4})),
                    "the landmarks lie on a line or in one place; no pose fits them");
  CHECK_THROWS_WITH(pose_from_landmarks(seen_points({}, 1e6), LandmarkCamera{}),
                    "a camera of the focal length 0; it must be above 0");
}

DataFrame table_of(const std::vector<ImagePoint>& points) {
  DataFrame table;
  table.add_column("filename", std::vector<std::string>{"a.png"});
  for (std::size_t i = 0; i < points.size(); ++i) {
    table.add_column("x" + std::to_string(i), std::vector<double>{points[i].x});
    table.add_column("y" + std::to_string(i), std::vector<double>{points[i].y});
  }
  return table;
}

TEST_CASE("a table of landmarks becomes a table of poses") {
  std::vector<ImagePoint> points = seen_points({0.1, -0.3, 0.2}, 1e6);
  const DataFrame poses = poses_from_landmarks(table_of(points));
  CHECK(poses.columns() == std::vector<std::string>{"filename", "pitch", "yaw", "roll"});
  CHECK(poses.strings("filename")[0] == "a.png");
  CHECK(poses.numbers("yaw")[0] == Approx(-0.3).margin(0.002));
  points[30].x = NAN;
  CHECK_THROWS_WITH(poses_from_landmarks(table_of(points)), Catch::Contains("row 0: landmark 30"));
}

}  // namespace
}  // namespace mobireg
