#pragma once

#include <optional>
#include <vector>

#include "mobireg/core/rotation.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {

/// x to the right, y down the image; both in one unit.
struct ImagePoint {
  double x = 0;
  double y = 0;
};

/// A camera without distortion, in the points' unit.
struct LandmarkCamera {
  double focal_length = 0;
  ImagePoint centre;  // of the picture
};

struct LandmarkPose {
  Pose pose;         // radians, convention of core/rotation.h
  double error = 0;  // root mean square distance to the mean face's points, as a share of its
                     // distance of the outer corners of the eyes
};

/// The pose of a head from 300-W's 68 points (Sagonas et al., "300 Faces in-the-wild challenge",
/// ICCVW 2013): the rotation of a mean frontal face whose picture fits the brows, the nose and the
/// eyes best (OpenCV's solvePnP, refined iteratively by Levenberg and Marquardt, from the best
/// fit of a distant camera). The outline and the mouth are left out: the outline of a turned head
/// is another part of it, and the mouth moves.
/// Without a camera a distant one is taken, as 300W-LP does: a crop does not tell where it was.
/// Throws Error unless there are 68 points, finite and not all in one place.
LandmarkPose pose_from_landmarks(const std::vector<ImagePoint>& points,
                                 const std::optional<LandmarkCamera>& camera = std::nullopt);

/// Labels from landmarks: the columns `filename`, `pitch`, `yaw` and `roll` (radians) from a table
/// with `filename` and x0, y0, ... x67, y67 in one unit for x and y (of square crops, any). Throws
/// Error naming the row.
DataFrame poses_from_landmarks(const DataFrame& landmarks);

}  // namespace mobireg
