#include "predict/face.h"

#include <algorithm>

#include "image/pose_axes.h"

namespace mobireg {
namespace {

constexpr std::ptrdiff_t kLandmarks = 68;

std::ptrdiff_t count_kind(const std::vector<OutputConfig>& outputs, OutputKind kind) {
  return std::count_if(outputs.begin(), outputs.end(),
                       [&](const OutputConfig& output) { return output.kind == kind; });
}

}  // namespace

std::vector<ImagePoint> points_of(const Prediction& prediction) {
  const std::vector<OutputConfig>& outputs = *prediction.outputs;
  const FaceBox& seen = prediction.seen;
  std::vector<double> xs, ys;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double value = prediction.values[i];
    if (outputs[i].kind == OutputKind::kX) xs.push_back(seen.x0 + value * (seen.x1 - seen.x0));
    if (outputs[i].kind == OutputKind::kY) ys.push_back(seen.y0 + value * (seen.y1 - seen.y0));
  }
  std::vector<ImagePoint> points;
  if (xs.size() != ys.size()) return points;
  for (std::size_t i = 0; i < xs.size(); ++i) points.push_back({xs[i], ys[i]});
  return points;
}

std::optional<Pose> pose_of(const PredictedFace& face) {
  const std::optional<Pose> predicted = pose_of(*face.prediction.outputs, face.prediction.values);
  return predicted ? predicted : face.landmark_pose;
}

bool gives_landmark_pose(const std::vector<OutputConfig>& outputs) {
  const bool angles = count_kind(outputs, OutputKind::kPitch) > 0 ||
                      count_kind(outputs, OutputKind::kYaw) > 0 ||
                      count_kind(outputs, OutputKind::kRoll) > 0;
  const bool taken = std::any_of(outputs.begin(), outputs.end(), [](const OutputConfig& output) {
    return output.name == "pitch" || output.name == "yaw" || output.name == "roll";
  });
  return !angles && !taken && count_kind(outputs, OutputKind::kX) == kLandmarks &&
         count_kind(outputs, OutputKind::kY) == kLandmarks;
}

}  // namespace mobireg
