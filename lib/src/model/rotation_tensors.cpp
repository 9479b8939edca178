#include "model/rotation_tensors.h"

#include <torch/types.h>

#include <cmath>

#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

constexpr double kPi = 3.14159265358979323846;

at::Tensor unit(const at::Tensor& vectors) {
  return vectors / vectors.norm(2, {1}, true).clamp_min(kLeastColumnLength);
}

/// What multiplies 1, cos and sin in the entries of Rx, Ry and Rz: (3 axes, 3, 9).
at::Tensor axis_terms(const at::TensorOptions& options) {
  return torch::tensor({1., 0., 0.,  0.,  0., 0., 0., 0.,  0.,  //
                        0., 0., 0.,  0.,  1., 0., 0., 0.,  1.,  //
                        0., 0., 0.,  0.,  0., 1., 0., -1., 0.,  //
                        0., 0., 0.,  0.,  1., 0., 0., 0.,  0.,  //
                        1., 0., 0.,  0.,  0., 0., 0., 0.,  1.,  //
                        0., 0., -1., 0.,  0., 0., 1., 0.,  0.,  //
                        0., 0., 0.,  0.,  0., 0., 0., 0.,  1.,  //
                        1., 0., 0.,  0.,  1., 0., 0., 0.,  0.,  //
                        0., 1., 0.,  -1., 0., 0., 0., 0.,  0.},
                       torch::kDouble)
      .view({3, 3, 9})
      .to(options);
}

at::Tensor entry(const at::Tensor& matrices, std::int64_t row, std::int64_t column) {
  return matrices.select(1, row).select(1, column);
}

}  // namespace

at::Tensor matrices_from_columns(const at::Tensor& columns) {
  const at::Tensor x = unit(columns.slice(1, 0, 3));
  const at::Tensor second = columns.slice(1, 3, 6);
  const at::Tensor y = unit(second - (x * second).sum(1, true) * x);
  return torch::stack({x, y, at::linalg_cross(x, y, 1)}, 2);
}

at::Tensor matrices_from_angles(const at::Tensor& angles) {
  const at::Tensor terms = torch::stack({torch::ones_like(angles), angles.cos(), angles.sin()}, 2);
  const at::Tensor axes =
      terms.transpose(0, 1).bmm(axis_terms(angles.options())).view({3, -1, 3, 3});
  return axes[0].bmm(axes[1]).bmm(axes[2]);
}

at::Tensor upright_angles(const at::Tensor& matrices) {
  constexpr double kGimbalLock = 1e-9;  // as pose_from_rotation
  const at::Tensor cos_yaw = matrices.select(1, 0).slice(1, 0, 2).norm(2, {1});
  const at::Tensor locked = cos_yaw < kGimbalLock;
  const at::Tensor pitch =
      torch::atan2(torch::where(locked, -entry(matrices, 2, 1), entry(matrices, 1, 2)),
                   torch::where(locked, entry(matrices, 1, 1), entry(matrices, 2, 2)));
  const at::Tensor yaw = torch::atan2(-entry(matrices, 0, 2), cos_yaw);
  const at::Tensor roll = torch::atan2(entry(matrices, 0, 1).masked_fill(locked, 0),
                                       entry(matrices, 0, 0).masked_fill(locked, 1));
  const at::Tensor angles = torch::stack({pitch, yaw, roll}, 1);
  const at::Tensor half_turn = torch::full_like(angles, kPi).copysign(angles.detach());
  const at::Tensor signs = torch::tensor({1., -1., 1.}, angles.options());
  const at::Tensor large = angles.abs().sum(1, true) > 1.5 * kPi;
  return torch::where(large, (angles - half_turn) * signs, angles);
}

at::Tensor angle_between(const at::Tensor& a, const at::Tensor& b) {
  // Both are zero where one is no rotation, and atan2 has no gradient there.
  constexpr double kNotZero = 1e-12;
  // With a^T b's angle t: the columns' cross products add up to a vector of length 2 sin t, their
  // dot products to 1 + 2 cos t.
  const at::Tensor sine = at::linalg_cross(a, b, 1).sum(2).norm(2, {1});
  const at::Tensor cosine = (a * b).sum(at::IntArrayRef{1, 2}) - 1 + kNotZero;
  return torch::atan2(sine, cosine).unsqueeze(1);
}

}  // namespace mobireg
