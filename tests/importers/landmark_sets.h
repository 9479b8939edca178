#pragma once

#include "import_folder.h"

namespace mobireg {

/// 68 points in MATLAB's pixels: point i at x = 11 + i, y = 21 + i / 2 as 2 x 68, columns of
/// points.
inline std::vector<double> matlab_points() {
  std::vector<double> values;
  for (int i = 0; i < 68; ++i) values.insert(values.end(), {11.0 + i, 21 + i / 2.0});
  return values;
}

/// The same as 68 x 2.
inline std::vector<double> transposed(const std::vector<double>& points) {
  std::vector<double> values;
  for (std::size_t i = 0; i < 68; ++i) values.push_back(points[2 * i]);
  for (std::size_t i = 0; i < 68; ++i) values.push_back(points[2 * i + 1]);
  return values;
}

inline MatVariable pose_para(double pitch, double yaw, double roll) {
  return {"Pose_Para", 1, 7, {pitch, yaw, roll, 60, 70, -50, 0.001}, false};
}

/// A view of 300W-LP as it lies in the set: image, pose, the points of the photograph.
inline void add_view(const ImportFolder& set, const std::string& stem, double pitch, double yaw,
                     double roll) {
  set.image(stem + ".jpg");
  set.mat(stem + ".mat", {pose_para(pitch, yaw, roll), {"pt2d", 2, 68, matlab_points()}});
}

/// A face of AFLW2000-3D.
inline void add_face(const ImportFolder& set, const std::string& stem, double pitch, double yaw,
                     double roll) {
  set.image(stem + ".jpg");
  std::vector<double> points;
  for (int i = 0; i < 68; ++i) points.insert(points.end(), {11.0 + i, 21 + i / 2.0, -1.0});
  set.mat(stem + ".mat", {pose_para(pitch, yaw, roll), {"pt3d_68", 3, 68, points}});
}

}  // namespace mobireg
