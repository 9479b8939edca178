#pragma once

#include <array>

namespace mobireg {

/// How a head is turned, in radians. `pitch` > 0: the face looks up. `yaw` > 0: the nose points
/// towards the left edge of the image. `roll` > 0: the head is turned clockwise as seen.
struct Pose {
  double pitch = 0;
  double yaw = 0;
  double roll = 0;
};

/// A 3x3 matrix, row by row. It takes head coordinates to camera coordinates; both have x to the
/// right of the image, y up, z towards the viewer, and are equal for a head that looks straight
/// into the camera. Column 3 is where the nose points.
using Rotation = std::array<double, 9>;

/// R = Rx(pitch) Ry(yaw) Rz(roll), the convention of 300W-LP and AFLW2000-3D (Zhu et al., "Face
/// alignment across large poses", CVPR 2016), with c and s the cosine and sine of each angle:
///
///     Rx = [1 0 0; 0 c s; 0 -s c]   Ry = [c 0 -s; 0 1 0; s 0 c]   Rz = [c s 0; -s c 0; 0 0 1]
///
/// (the transposes of the textbook ones). Turning the image clockwise by t gives Rz(t) R; mirroring
/// it left to right negates yaw and roll.
Rotation rotation_from_pose(const Pose& pose);

/// The inverse: pitch and roll in [-pi, pi], yaw in [-pi/2, pi/2]. At yaw = +-pi/2 pitch and roll
/// turn about the same axis; all of the turn is then given to pitch, and roll is 0. `rotation` must
/// be a rotation matrix (orthonormal, determinant 1).
Pose pose_from_rotation(const Rotation& rotation);

}  // namespace mobireg
