#include "mobireg/core/rotation.h"

#include <cmath>

namespace mobireg {

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

}  // namespace mobireg
