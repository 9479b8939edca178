#include "deploy/written_heads.h"

#include <torch/types.h>

#include "mobireg/model/head_outputs.h"

namespace mobireg {

HeadAngles head_angles(const ModelConfig& model) {
  HeadAngles angles;
  for (const HeadColumns& head : head_columns(model)) {
    if (head.form != HeadForm::kRotation) continue;
    std::array<float, 9>& matrix = angles[head.name];
    for (std::size_t i = 0; i < 3; ++i) {
      const auto row = static_cast<std::size_t>(head.pose->places[i]);
      matrix[3 * row + i] = static_cast<float>(head.pose->from_radians[i]);
    }
  }
  return angles;
}

ModelConfig written_model(ModelConfig model, const ExportOptions& options) {
  for (HeadConfig& head : model.heads) {
    if (options.angles) head.form = HeadForm::kValues;
    if (options.uncertainty || !head.uncertainty) continue;
    head.uncertainty = false;
    head.loss.reset();  // of an uncertain head
  }
  return model;
}

at::Tensor written_columns(const at::Tensor& raw, const ModelConfig& from, const ModelConfig& to) {
  const std::vector<HeadColumns> heads = head_columns(from);
  std::vector<at::Tensor> columns;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const HeadColumns& head = heads[i];
    columns.push_back(to.heads[i].form == head.form
                          ? raw.narrow(1, head.column, head.columns)
                          : decode_outputs(raw, from).narrow(1, head.output, head.outputs));
    if (to.heads[i].uncertainty) {
      columns.push_back(raw.narrow(1, head.log_variance(), head.outputs));
    }
  }
  return torch::cat(columns, 1);
}

void drop_log_variances(Network& network, const ModelConfig& model) {
  for (std::size_t i = 0; i < model.heads.size(); ++i) {
    if (!model.heads[i].uncertainty) continue;
    DenseLayer& last = network.heads[i].layers.back();
    last.outputs = static_cast<int>(model.heads[i].outputs.size());
    last.bias.resize(static_cast<std::size_t>(last.outputs));
    last.weight.resize(static_cast<std::size_t>(last.outputs) *
                       static_cast<std::size_t>(last.inputs));
  }
}

}  // namespace mobireg
