#include "image/pose_axes.h"

#include <algorithm>
#include <cmath>

#include "mobireg/config/units.h"

namespace mobireg {
namespace {

/// Null where the output is no angle of the pose.
double* angle_of(Pose& pose, const OutputConfig& output) {
  return output.kind == OutputKind::kPitch  ? &pose.pitch
         : output.kind == OutputKind::kYaw  ? &pose.yaw
         : output.kind == OutputKind::kRoll ? &pose.roll
                                            : nullptr;
}

}  // namespace

std::array<SeenAxis, 3> seen_axes(const Pose& pose) {
  const Rotation r = rotation_from_pose(pose);
  std::array<SeenAxis, 3> axes;
  for (std::size_t i = 0; i < 3; ++i) axes[i] = {r[i], -r[3 + i], r[6 + i]};
  return axes;
}

std::array<std::size_t, 3> drawing_order(const std::array<SeenAxis, 3>& axes) {
  std::array<std::size_t, 3> order{0, 1, 2};
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return axes[a].depth < axes[b].depth; });
  return order;
}

std::optional<Pose> pose_of(const std::vector<OutputConfig>& outputs,
                            const std::vector<float>& values) {
  Pose pose;
  bool any = false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    double* const angle = angle_of(pose, outputs[i]);
    if (angle == nullptr) continue;
    if (!std::isfinite(values[i])) return std::nullopt;
    *angle = unit_factor(outputs[i].unit, Unit::kRadians) * values[i];
    any = true;
  }
  return any ? std::optional<Pose>(pose) : std::nullopt;
}

}  // namespace mobireg
