#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/model/regressor.h"
#include "mobireg/model/safetensors.h"
#include "mobireg/training/losses.h"

namespace mobireg {

class LabelTransform;

/// What a run's teachers said of its training rows, each seen once, as in evaluation.
struct TeacherAnswers {
  /// (rows, outputs) float in the outputs' units, coordinates in units of the whole image: the mean
  /// over the teachers. Undefined: they were not asked.
  at::Tensor targets;
  /// (rows, F) float, the teachers' pooled features side by side, each with mean 0 and standard
  /// deviation 1 over the rows. Undefined: they are not learnt from.
  at::Tensor features;
  /// The same of the mirror images, where training mirrors: a head that looks to the left has other
  /// features than one that looks to the right.
  at::Tensor mirrored_features;
};

/// A batch's forward pass in training, and what is to be minimised.
struct TaughtPass {
  at::Tensor raw;   // (N, raw columns) of the batch's images
  at::Tensor loss;  // scalar
};

/// The loss of a batch with all that a network learns from beside its labels:
///   (1 - w) loss(labels) + w loss(teachers' outputs)                    `distillation.weight`
///   + f mean((projection(pooled features) - teachers' features)^2)      `.feature_weight`; the
///     projection is linear, learnt, and thrown away in the end (FitNets, Romero et al., 2015)
///   + c(t) mse(network(augmented), moved(average(plain)))               `unlabelled.
///     consistency_weight`: a mean teacher (Tarvainen and Valpola, 2017) on images without labels;
///     c rises from e^-5 of its weight to all of it as exp(-5 (1 - t)^2), t being the share of
///     `consistency_rampup` that has passed.
class Teaching {
 public:
  /// config: of the run, resolved. student_features: of the network's backbone.
  Teaching(const RunConfig& config, int student_features, const TeacherAnswers& answers);

  /// Images with labels and, where the batch has them, without go through the network together, so
  /// that batch normalisation sees both. `average`: the mean teacher; may be null where the batch
  /// has no images without labels. `epochs`: passed since the run's start.
  TaughtPass pass(Regressor& network, const Batch& batch, const RegressionLoss& loss,
                  const Regressor& average, double epochs) const;

  /// The weight of consistency after so many epochs.
  double consistency_weight(double epochs) const;

  /// Weights that are learnt beside the network's, named `teaching.*`; empty without features.
  std::vector<NamedTensor> parameters() const;

  /// Throws Error naming `origin` when a tensor is missing or of another shape.
  void load_state(const TensorFile& file, const std::string& origin);

 private:
  at::Tensor label_loss(const at::Tensor& raw, const Batch& batch,
                        const RegressionLoss& loss) const;
  at::Tensor feature_loss(const at::Tensor& features, const Batch& batch) const;
  at::Tensor wanted_features(const Batch& batch) const;
  at::Tensor moved_targets(const Regressor& average, const Batch& unlabelled) const;

  DistillationConfig distillation_;
  UnlabelledConfig unlabelled_;
  TeacherAnswers answers_;
  at::Tensor weight_;  // (teachers' features, student's) of the projection
  at::Tensor bias_;    // (teachers' features)
  std::shared_ptr<const LabelTransform> labels_;  // null where labels do not follow geometry
  int size_;                                      // pixels a side of the input
  RegressionLoss squares_;
};

}  // namespace mobireg
