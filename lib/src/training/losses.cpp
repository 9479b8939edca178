#include "mobireg/training/losses.h"

#include <torch/types.h>

namespace mobireg {

RegressionLoss::RegressionLoss(const TrainingConfig& training, const ModelConfig& model)
    : kind_(training.loss), huber_delta_(training.huber_delta) {
  std::vector<float> weights;
  for (const HeadConfig& head : model.heads) {
    weights.insert(weights.end(), head.outputs.size(), static_cast<float>(head.loss_weight));
  }
  weights_ = torch::tensor(weights);
}

at::Tensor RegressionLoss::operator()(const at::Tensor& outputs, const Batch& batch) const {
  const at::Tensor error = outputs - batch.targets.to(outputs.device());
  at::Tensor each;
  switch (kind_) {
    case LossKind::kMse:
      each = error.square();
      break;
    case LossKind::kMae:
      each = error.abs();
      break;
    case LossKind::kHuber: {
      const at::Tensor size = error.abs();
      const at::Tensor inside = size.clamp_max(huber_delta_);
      each = inside * (size - 0.5 * inside);
      break;
    }
  }
  each = each * weights_.to(each.device());
  if (batch.weights.defined()) each = each * batch.weights.to(each.device()).unsqueeze(1);
  if (!batch.present.defined()) return each.mean();
  const at::Tensor present = batch.present.to(each.device());
  return (each * present).sum() / present.sum().clamp_min(1);
}

}  // namespace mobireg
