#pragma once

#include <ATen/core/Tensor.h>

namespace mobireg {

// core/rotation.h for many rotations at once, with gradients. Matrices are (N, 3, 3).

/// columns: (N, 6), as RotationColumns.
at::Tensor matrices_from_columns(const at::Tensor& columns);

/// angles: (N, 3) pitch, yaw and roll in radians.
at::Tensor matrices_from_angles(const at::Tensor& angles);

/// Upright poses, (N, 3) pitch, yaw and roll in radians.
at::Tensor upright_angles(const at::Tensor& matrices);

/// (N, 1), radians of 0 to pi. Its gradient is finite everywhere: 0 where the angle is 0 or pi,
/// where none is defined.
at::Tensor angle_between(const at::Tensor& a, const at::Tensor& b);

}  // namespace mobireg
