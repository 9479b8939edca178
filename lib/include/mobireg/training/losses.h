#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/config/training_config.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// A regression loss: the mean over images and outputs of weight * f. Each head has its own f, of
/// the error e = output - target in the output's unit:
///
///     mse              e^2
///     mae              |e|
///     huber            e^2 / 2 up to |e| = delta, delta (|e| - delta / 2) beyond
///     wing             w ln(1 + |e| / c) up to |e| = w, |e| - w + w ln(1 + w / c) beyond (Feng et
///                      al., "Wing loss for robust facial landmark localisation with convolutional
///                      neural networks", CVPR 2018)
///     heteroscedastic  (e^2 exp(-s) + s) / 2, s the logarithm of the variance that the head gives
///                      too (Kendall and Gal, "What uncertainties do we need in Bayesian deep
///                      learning for computer vision?", NIPS 2017)
///     geodesic         for each of pitch, yaw and roll the angle in radians between the two
///                      rotations that they are
///
/// A head of form `rotation` has geodesic, or mse: then f is a sixth of the sum of squared
/// differences of the two matrices, which for small angles is the mean square of the three in
/// radians. With weights of 1 mse, mae and huber are Keras's losses of these names on the
/// concatenated outputs. Errors of missing labels do not count, and where one angle is missing a
/// rotation is; a row's weight multiplies its errors, as Keras's sample_weight does (the mean is
/// over rows, not over weights).
class RegressionLoss {
 public:
  /// `model` must be resolved.
  RegressionLoss(const TrainingConfig& training, const ModelConfig& model);

  /// raw: (N, raw columns), as Regressor::forward gives them. Returns a scalar.
  at::Tensor operator()(const at::Tensor& raw, const Batch& batch) const;

  /// targets: (N, outputs) in the outputs' units, 0 where missing; present: (N, outputs), 0 where
  /// missing, else 1, or undefined: all 1; weights: (N) of the rows, or undefined: all 1.
  at::Tensor operator()(const at::Tensor& raw, const at::Tensor& targets, const at::Tensor& present,
                        const at::Tensor& weights) const;

 private:
  /// Outputs that follow one another and have the same f: those of several heads, or a rotation.
  struct Part {
    LossKind loss = LossKind::kMse;
    HeadForm form = HeadForm::kValues;
    std::int64_t output = 0;  // its first
    std::int64_t outputs = 0;
    std::vector<std::int64_t> columns;        // of the raw ones
    std::vector<std::int64_t> log_variances;  // likewise
    std::vector<std::int64_t> pose;           // of a rotation: its pitch, yaw and roll
    std::vector<double> to_radians;           // of these

    bool is_rotation() const { return !pose.empty(); }
  };

  static std::vector<Part> parts_of(LossKind loss, const ModelConfig& model);
  static at::Tensor rotation_errors(const Part& part, const at::Tensor& raw,
                                    const at::Tensor& targets);
  at::Tensor each(const Part& part, const at::Tensor& raw, const at::Tensor& targets) const;
  at::Tensor counted(const at::Tensor& present) const;

  std::vector<Part> parts_;
  double huber_delta_;
  double wing_width_;
  double wing_curvature_;
  at::Tensor weights_;  // (outputs)
};

}  // namespace mobireg
