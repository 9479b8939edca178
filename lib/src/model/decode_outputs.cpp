// Apart from the rest of head_outputs.h, which does without LibTorch.

#include <torch/types.h>

#include <limits>

#include "mobireg/model/head_outputs.h"
#include "model/rotation_tensors.h"

namespace mobireg {
namespace {

/// columns: (N, 6). In double, as `decode_row`.
at::Tensor decode_poses(const PosePlaces& pose, const at::Tensor& columns) {
  const at::Tensor angles = upright_angles(matrices_from_columns(columns.to(torch::kDouble)));
  std::vector<at::Tensor> outputs(3);
  for (std::size_t i = 0; i < 3; ++i) {
    outputs[static_cast<std::size_t>(pose.places[i])] =
        angles.select(1, static_cast<std::int64_t>(i)) * pose.from_radians[i];
  }
  return torch::stack(outputs, 1).to(columns.scalar_type());
}

}  // namespace

at::Tensor decode_outputs(const at::Tensor& raw, const ModelConfig& model) {
  if (gives_outputs(model)) return raw;
  std::vector<at::Tensor> outputs;
  for (const HeadColumns& head : head_columns(model)) {
    const at::Tensor columns = raw.narrow(1, head.column, head.columns);
    outputs.push_back(head.form == HeadForm::kRotation ? decode_poses(*head.pose, columns)
                                                       : columns);
  }
  return torch::cat(outputs, 1);
}

at::Tensor decode_log_variances(const at::Tensor& raw, const ModelConfig& model) {
  std::vector<at::Tensor> outputs;
  for (const HeadColumns& head : head_columns(model)) {
    outputs.push_back(head.uncertainty
                          ? raw.narrow(1, head.log_variance(), head.outputs)
                                .clamp(-kLargestLogVariance, kLargestLogVariance)
                          : torch::full({raw.size(0), head.outputs},
                                        std::numeric_limits<double>::quiet_NaN(), raw.options()));
  }
  return torch::cat(outputs, 1);
}

}  // namespace mobireg
