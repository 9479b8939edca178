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

/// Of the two triples of angles in [-pi, pi] that every rotation has, the one of the smaller
/// angles: that whose |pitch| + |yaw| + |roll| is at most 3 pi / 2. A head turned by 99 degrees has
/// that yaw here, where pose_from_rotation has it upside down with a yaw of 81 degrees.
Pose upright_pose_from_rotation(const Rotation& rotation);

/// The first two columns of a rotation, before they are made orthonormal, one after the other (Zhou
/// et al., "On the continuity of rotation representations in neural networks", CVPR 2019).
using RotationColumns = std::array<double, 6>;

/// Gram-Schmidt: the first column keeps its direction, the third is the cross product of the two.
/// Zeros, and two columns of one direction, give no rotation but finite numbers.
Rotation rotation_from_columns(const RotationColumns& columns);

/// Lengths below this are not divided by.
inline constexpr double kLeastColumnLength = 1e-6;

}  // namespace mobireg
