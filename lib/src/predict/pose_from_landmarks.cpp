#include "mobireg/predict/pose_from_landmarks.h"

#include <cmath>
#include <opencv2/calib3d.hpp>

#include "core/fail.h"
#include "predict/mean_face.h"

namespace mobireg {
namespace {

constexpr std::size_t kPoints = 68;
constexpr double kDistance = 1000;  // of the distant camera, in the mean face's unit

// OpenCV's camera has y down and z away from the viewer.

/// (31, 3), in OpenCV's axes, about its mean.
cv::Mat mean_face() {
  cv::Mat face(static_cast<int>(kMeanFace.size()), 3, CV_64F);
  for (int i = 0; i < face.rows; ++i) {
    const auto& point = kMeanFace[static_cast<std::size_t>(i)];
    face.at<double>(i, 0) = point[0];
    face.at<double>(i, 1) = -point[1];
    face.at<double>(i, 2) = -point[2];
  }
  for (int c = 0; c < 3; ++c) face.col(c) -= cv::mean(face.col(c))[0];
  return face;
}

/// (31, 2)
cv::Mat rigid_points(const std::vector<ImagePoint>& points) {
  if (points.size() != kPoints) {
    fail("a pose from {} landmarks; 300-W's {} are needed", points.size(), kPoints);
  }
  cv::Mat rigid(static_cast<int>(kMeanFace.size()), 2, CV_64F);
  for (int i = 0; i < rigid.rows; ++i) {
    const ImagePoint& point = points[static_cast<std::size_t>(kMeanFaceBegin + i)];
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
      fail("landmark {} is {}, {}; finite numbers are needed", kMeanFaceBegin + i, point.x,
           point.y);
    }
    rigid.at<double>(i, 0) = point.x;
    rigid.at<double>(i, 1) = point.y;
  }
  return rigid;
}

/// points = scale * (first two rows of rotation) * face + centre
struct DistantView {
  cv::Mat rotation;
  double scale = 0;  // points' units for one of the face's
  ImagePoint centre;
};

/// The affine fit, with the nearest rotation (Procrustes).
DistantView fit_distant_view(const cv::Mat& face, const cv::Mat& points) {
  DistantView view;
  view.centre = {cv::mean(points.col(0))[0], cv::mean(points.col(1))[0]};
  cv::Mat centred = points.clone();
  centred.col(0) -= view.centre.x;
  centred.col(1) -= view.centre.y;
  cv::Mat affine;
  cv::solve(face, centred, affine, cv::DECOMP_SVD);  // (3, 2)
  const cv::SVD svd(affine.t());
  view.scale = (svd.w.at<double>(0) + svd.w.at<double>(1)) / 2;
  if (!(svd.w.at<double>(1) > 1e-6 * std::abs(svd.w.at<double>(0)))) {
    fail("the landmarks lie on a line or in one place; no pose fits them");
  }
  const cv::Mat rows = svd.u * svd.vt;
  cv::vconcat(rows, rows.row(0).cross(rows.row(1)), view.rotation);
  return view;
}

LandmarkCamera distant_camera(const DistantView& view) {
  return {view.scale * kDistance, view.centre};
}

Pose pose_of(const cv::Mat& turn) {
  cv::Mat r;
  cv::Rodrigues(turn, r);
  const auto at = [&](int row, int column) { return r.at<double>(row, column); };
  return pose_from_rotation({at(0, 0), -at(0, 1), -at(0, 2), -at(1, 0), at(1, 1), at(1, 2),
                             -at(2, 0), at(2, 1), at(2, 2)});
}

}  // namespace

LandmarkPose pose_from_landmarks(const std::vector<ImagePoint>& landmarks,
                                 const std::optional<LandmarkCamera>& camera) {
  const cv::Mat face = mean_face();
  const cv::Mat points = rigid_points(landmarks);
  const DistantView view = fit_distant_view(face, points);
  const LandmarkCamera seen_by = camera.value_or(distant_camera(view));
  const double f = seen_by.focal_length;
  if (!(f > 0)) fail("a camera of the focal length {}; it must be above 0", f);
  const cv::Mat matrix = (cv::Mat_<double>(3, 3) << f, 0, seen_by.centre.x,  //
                          0, f, seen_by.centre.y,                            //
                          0, 0, 1);
  cv::Mat turn;
  cv::Rodrigues(view.rotation, turn);
  cv::Mat shift = (cv::Mat_<double>(3, 1) << (view.centre.x - seen_by.centre.x) / view.scale,
                   (view.centre.y - seen_by.centre.y) / view.scale, f / view.scale);
  cv::solvePnP(face, points, matrix, cv::noArray(), turn, shift, true, cv::SOLVEPNP_ITERATIVE);
  cv::Mat projected;
  cv::projectPoints(face, turn, shift, matrix, cv::noArray(), projected);
  const double distance = cv::norm(projected.reshape(1), points) / std::sqrt(points.rows);
  return {pose_of(turn), distance / view.scale};
}

DataFrame poses_from_landmarks(const DataFrame& landmarks) {
  std::vector<std::vector<double>> columns;
  for (std::size_t i = 0; i < kPoints; ++i) {
    columns.push_back(landmarks.numbers(fmt::format("x{}", i)));
    columns.push_back(landmarks.numbers(fmt::format("y{}", i)));
  }
  std::vector<std::string> filenames;
  std::vector<double> pitch, yaw, roll;
  for (std::int64_t row = 0; row < landmarks.rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    std::vector<ImagePoint> points;
    for (std::size_t i = 0; i < kPoints; ++i) {
      points.push_back({columns[2 * i][at], columns[2 * i + 1][at]});
    }
    try {
      const Pose pose = pose_from_landmarks(points).pose;
      pitch.push_back(pose.pitch);
      yaw.push_back(pose.yaw);
      roll.push_back(pose.roll);
    } catch (const Error& error) {
      fail("{}: {}", landmarks.where(row), error.what());
    }
    filenames.emplace_back(landmarks.strings("filename")[at]);
  }
  DataFrame poses;
  poses.add_column("filename", std::move(filenames));
  poses.add_column("pitch", std::move(pitch));
  poses.add_column("yaw", std::move(yaw));
  poses.add_column("roll", std::move(roll));
  return poses;
}

}  // namespace mobireg
