#include "training/teacher_mean.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "augmentation/geometry.h"
#include "mobireg/config/units.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

/// Without a mirroring.
Rotation nearest_rotation(const Rotation& sum) {
  const cv::SVD svd(cv::Mat(3, 3, CV_64F, const_cast<double*>(sum.data())));  // only read
  cv::Mat u = svd.u;
  if (cv::determinant(u * svd.vt) < 0) u.col(2) *= -1;
  const cv::Mat product = u * svd.vt;
  Rotation rotation;
  std::copy(product.begin<double>(), product.end<double>(), rotation.begin());
  return rotation;
}

}  // namespace

OutputStatistics::OutputStatistics(const ModelConfig& model) : outputs_(model.outputs) {
  std::array<std::size_t, 3> pose{};
  int found = 0;
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    const OutputKind kind = *outputs_[k].kind;
    const bool is_pose =
        kind == OutputKind::kPitch || kind == OutputKind::kYaw || kind == OutputKind::kRoll;
    if (!is_pose) continue;
    pose[kind == OutputKind::kPitch ? 0 : kind == OutputKind::kYaw ? 1 : 2] = k;
    ++found;
  }
  if (found == 3) pose_ = pose;
}

std::vector<float> OutputStatistics::mean(const std::vector<std::vector<float>>& said) const {
  if (said.size() == 1) return said[0];
  std::vector<float> mean;
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    double sum = 0;
    for (const std::vector<float>& values : said) sum += values[k];
    mean.push_back(static_cast<float>(sum / static_cast<double>(said.size())));
  }
  if (pose_) average_pose(said, mean);
  return mean;
}

void OutputStatistics::average_pose(const std::vector<std::vector<float>>& said,
                                    std::vector<float>& mean) const {
  const auto [pitch, yaw, roll] = *pose_;
  const auto radians = [&](const std::vector<float>& values, std::size_t k) {
    return values[k] * unit_factor(outputs_[k].unit, Unit::kRadians);
  };
  Rotation sum{};
  for (const std::vector<float>& values : said) {
    const Rotation one =
        rotation_from_pose({radians(values, pitch), radians(values, yaw), radians(values, roll)});
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i];
  }
  Pose pose = pose_from_rotation(nearest_rotation(sum));
  if (std::cos(radians(said[0], yaw)) < 0) pose = with_yaw_beyond(pose);
  mean[pitch] = static_cast<float>(pose.pitch / unit_factor(outputs_[pitch].unit, Unit::kRadians));
  mean[yaw] = static_cast<float>(pose.yaw / unit_factor(outputs_[yaw].unit, Unit::kRadians));
  mean[roll] = static_cast<float>(pose.roll / unit_factor(outputs_[roll].unit, Unit::kRadians));
}

std::vector<double> OutputStatistics::spread(const std::vector<std::vector<float>>& said,
                                             const std::vector<float>& mean) const {
  std::vector<double> spread;
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    double squares = 0;
    for (const std::vector<float>& values : said) {
      double difference = (double{values[k]} - mean[k]) * report_factor(outputs_[k].unit);
      if (is_angle(outputs_[k].unit)) difference = std::remainder(difference, 360.0);
      squares += difference * difference;
    }
    spread.push_back(std::sqrt(squares / static_cast<double>(said.size())));
  }
  return spread;
}

}  // namespace mobireg
