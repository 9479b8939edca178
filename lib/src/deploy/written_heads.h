#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <map>
#include <string>

#include "deploy/network.h"
#include "mobireg/config/model_config.h"
#include "mobireg/deploy/export.h"

namespace mobireg {

// A file's heads may end in less than the network's raw columns: a rotation in its angles, and
// uncertain outputs without the logarithms of variances.

/// For heads whose six numbers a graph turns into angles: the matrix (3, 3) that takes pitch, yaw
/// and roll in radians to the head's outputs.
using HeadAngles = std::map<std::string, std::array<float, 9>>;

/// Those of all heads of form `rotation`.
HeadAngles head_angles(const ModelConfig& model);

/// The model whose raw columns a file written with these options gives.
ModelConfig written_model(ModelConfig model, const ExportOptions& options);

/// (N, raw columns of `from`) to those of `to`, the `written_model` of `from`.
at::Tensor written_columns(const at::Tensor& raw, const ModelConfig& from, const ModelConfig& to);

/// Takes the rows that give logarithms of variances out of the last layers of a network of `model`.
void drop_log_variances(Network& network, const ModelConfig& model);

}  // namespace mobireg
