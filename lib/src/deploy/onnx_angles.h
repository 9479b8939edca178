#pragma once

#include <array>
#include <functional>
#include <string>

#include "deploy/onnx_builder.h"

namespace mobireg {

/// Adds a Dense layer on the value `x` and returns its output's name.
using AddDense = std::function<std::string(const std::string& x, const DenseLayer& layer)>;

/// Adds the nodes that turn the value `x`, a head's six rotation columns, into its outputs; returns
/// the name of their value. They are what every runtime has: Dense layers of constants, Mul, Add,
/// Div, Abs, Sqrt, Sign, Atan and Concat. to_outputs: (3, 3), as in HeadAngles. The numbers are
/// those of upright_pose_from_rotation, but for a yaw of exactly +-90 degrees.
std::string add_angles(OnnxBuilder& builder, const AddDense& add_dense, const std::string& x,
                       const std::string& head, const std::array<float, 9>& to_outputs);

}  // namespace mobireg
