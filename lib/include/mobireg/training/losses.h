#pragma once

#include <ATen/core/Tensor.h>

#include "mobireg/config/model_config.h"
#include "mobireg/config/training_config.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// A regression loss: the mean over images and outputs of weight * f(output - target), f being the
/// square, the absolute value, or Huber's function as Keras defines it. With weights of 1 it is
/// Keras's loss of that name on the concatenated outputs. Errors of missing labels do not count; a
/// row's weight multiplies its errors, as Keras's sample_weight does (the mean is over rows, not
/// over weights).
class RegressionLoss {
 public:
  RegressionLoss(const TrainingConfig& training, const ModelConfig& model);

  /// outputs: (N, K) float, in the units of the batch's targets. Returns a scalar.
  at::Tensor operator()(const at::Tensor& outputs, const Batch& batch) const;

 private:
  LossKind kind_;
  double huber_delta_;
  at::Tensor weights_;  // (K)
};

}  // namespace mobireg
