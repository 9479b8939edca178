#include "mobireg/core/rotation.h"

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

using Column = std::array<double, 3>;

double dot(const Column& a, const Column& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Column unit(const Column& a) {
  const double length = std::max(std::sqrt(dot(a, a)), kLeastColumnLength);
  return {a[0] / length, a[1] / length, a[2] / length};
}

Column cross(const Column& a, const Column& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

}  // namespace

Rotation rotation_from_pose(const Pose& pose) {
  const double cp = std::cos(pose.pitch), sp = std::sin(pose.pitch);
  const double cy = std::cos(pose.yaw), sy = std::sin(pose.yaw);
  const double cr = std::cos(pose.roll), sr = std::sin(pose.roll);
  return {cy * cr,                  //
          cy * sr,                  //
          -sy,                      //
          -cp * sr + sp * sy * cr,  //
          cp * cr + sp * sy * sr,   //
          sp * cy,                  //
          sp * sr + cp * sy * cr,   //
          -sp * cr + cp * sy * sr,  //
          cp * cy};
}

Pose pose_from_rotation(const Rotation& rotation) {
  // Below this cosine of the yaw, what is left in the entries that tell pitch from roll is
  // rounding.
  constexpr double kGimbalLock = 1e-9;

  const double cos_yaw = std::hypot(rotation[0], rotation[1]);
  // atan2 and not asin: it stays accurate near +-pi/2, and takes entries a rounding beyond 1.
  const double yaw = std::atan2(-rotation[2], cos_yaw);
  if (cos_yaw < kGimbalLock) return {std::atan2(-rotation[7], rotation[4]), yaw, 0.0};
  return {std::atan2(rotation[5], rotation[8]), yaw, std::atan2(rotation[1], rotation[0])};
}

Pose upright_pose_from_rotation(const Rotation& rotation) {
  constexpr double kPi = 3.14159265358979323846;
  const Pose pose = pose_from_rotation(rotation);
  if (std::fabs(pose.pitch) + std::fabs(pose.yaw) + std::fabs(pose.roll) <= 1.5 * kPi) return pose;
  return {pose.pitch - std::copysign(kPi, pose.pitch), std::copysign(kPi, pose.yaw) - pose.yaw,
          pose.roll - std::copysign(kPi, pose.roll)};
}

Rotation rotation_from_columns(const RotationColumns& columns) {
  const Column x = unit({columns[0], columns[1], columns[2]});
  Column y{columns[3], columns[4], columns[5]};
  const double along = dot(x, y);
  for (std::size_t i = 0; i < 3; ++i) y[i] -= along * x[i];
  y = unit(y);
  const Column z = cross(x, y);
  return {x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]};
}

}  // namespace mobireg
