#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "augmentation/geometry.h"
#include "config/output_kinds.h"
#include "mobireg/config/units.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRadiansPerDegree = kPi / 180;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Rz(angle) R: the image turned clockwise, as seen, by `angle`.
Rotation turned(const Rotation& r, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  Rotation result = r;
  for (std::size_t i = 0; i < 3; ++i) {
    result[i] = c * r[i] + s * r[3 + i];
    result[3 + i] = c * r[3 + i] - s * r[i];
  }
  return result;
}

double within_half_turn(double angle) { return std::remainder(angle, 2 * kPi); }

Pose turned(const Pose& pose, double angle) {
  // A missing pitch or yaw (NaN) makes all angles NaN. Without the roll it is still known where the
  // nose points, that is, pitch and yaw.
  const bool has_roll = !std::isnan(pose.roll);
  const Pose known{pose.pitch, pose.yaw, has_roll ? pose.roll : 0};
  Pose after = pose_from_rotation(turned(rotation_from_pose(known), angle));
  if (std::cos(pose.yaw) < 0) after = with_yaw_beyond(after);
  if (!has_roll) after.roll = kNaN;
  return after;
}

}  // namespace

Pose with_yaw_beyond(const Pose& pose) {
  return {within_half_turn(pose.pitch + kPi), within_half_turn(kPi - pose.yaw),
          within_half_turn(pose.roll + kPi)};
}

LabelTransform::LabelTransform(const ModelConfig& model) {
  for (const OutputKind kind : {OutputKind::kPitch, OutputKind::kYaw, OutputKind::kRoll}) {
    for (const std::size_t output : outputs_of_kind(model.outputs, kind)) {
      const bool degrees = model.outputs[output].unit == Unit::kDegrees;
      pose_.push_back({output, degrees ? kRadiansPerDegree : 1.0});
    }
  }
  follows_rotation_ = pose_.empty() || pose_.size() == 3;
  if (pose_.size() != 3) pose_.clear();
  const auto x = outputs_of_kind(model.outputs, OutputKind::kX);
  const auto y = outputs_of_kind(model.outputs, OutputKind::kY);
  for (std::size_t i = 0; x.size() == y.size() && i < x.size(); ++i) {
    points_.push_back({x[i], y[i]});
  }
  mirror_map_.assign(model.mirror_map.begin(), model.mirror_map.end());
  for (const std::size_t output : outputs_of_kind(model.outputs, OutputKind::kPlain)) {
    follows_mirroring_ = follows_mirroring_ && model.outputs[output].mirror.has_value();
    if (model.outputs[output].mirror == Mirror::kNegate) negated_.push_back(output);
  }
  follows_mirroring_ =
      follows_mirroring_ && follows_rotation_ && (points_.empty() || !mirror_map_.empty());
}

void LabelTransform::apply(const Affine& to_source, int size, float* targets) const {
  if (to_source == Affine{}) return;
  const Affine moved = inverse(to_source);
  const Orientation orientation = nearest_orientation(moved);
  move_points(moved, size, orientation.mirrored, targets);
  if (!pose_.empty()) move_pose(orientation, targets);
  if (!orientation.mirrored) return;
  for (const std::size_t output : negated_) targets[output] = -targets[output];
}

void LabelTransform::move_points(const Affine& moved, int size, bool mirrored,
                                 float* targets) const {
  std::vector<std::pair<float, float>> before;
  for (const Point& point : points_) before.emplace_back(targets[point.x], targets[point.y]);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const double x = double{before[i].first} * size - 0.5;
    const double y = double{before[i].second} * size - 0.5;
    const Point& to = points_[mirrored && !mirror_map_.empty() ? mirror_map_[i] : i];
    targets[to.x] = static_cast<float>((moved.x(x, y) + 0.5) / size);
    targets[to.y] = static_cast<float>((moved.y(x, y) + 0.5) / size);
  }
}

void LabelTransform::move_pose(const Orientation& orientation, float* targets) const {
  if (orientation.mirrored) {
    for (const std::size_t i : {1, 2}) targets[pose_[i].output] = -targets[pose_[i].output];
  }
  if (orientation.angle == 0) return;
  const auto radians = [&](std::size_t i) { return targets[pose_[i].output] * pose_[i].radians; };
  const Pose after = turned(Pose{radians(0), radians(1), radians(2)}, orientation.angle);
  const std::array<double, 3> angles{after.pitch, after.yaw, after.roll};
  for (std::size_t i = 0; i < 3; ++i) {
    targets[pose_[i].output] = static_cast<float>(angles[i] / pose_[i].radians);
  }
}

void LabelTransform::to_crop(double whole_width, double whole_height, const CropSquare& crop,
                             float* targets) const {
  for (const Point& point : points_) {
    const double x = targets[point.x] * whole_width;
    const double y = targets[point.y] * whole_height;
    targets[point.x] = static_cast<float>((x - crop.left) / crop.side);
    targets[point.y] = static_cast<float>((y - crop.top) / crop.side);
  }
}

void LabelTransform::from_crop(double whole_width, double whole_height, const CropSquare& crop,
                               float* targets) const {
  for (const Point& point : points_) {
    const double x = targets[point.x] * crop.side + crop.left;
    const double y = targets[point.y] * crop.side + crop.top;
    targets[point.x] = static_cast<float>(x / whole_width);
    targets[point.y] = static_cast<float>(y / whole_height);
  }
}

}  // namespace mobireg
