#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/loss_kind.h"

namespace mobireg {

enum class OptimizerKind { kAdam, kAdamW, kSgd, kMomentum, kNesterov };

/// Each multiplies the learning rate, step by step, after the `warmup_epochs`. `kCosine` goes down
/// to 0 (Loshchilov and Hutter, 2017, without restarts); `kOneCycle` up from a 25th over the
/// warm-up, or a third of the run, and down to 0 (Smith, 2018); `kStep` multiplies by
/// `decay_factor` every `decay_epochs`, `kExponential` does so smoothly; `kPlateau` multiplies by
/// it after `plateau_patience` epochs without a better validation MAE.
enum class ScheduleKind { kConstant, kStep, kExponential, kCosine, kOneCycle, kPlateau };

/// Keras's optimisers with Keras's defaults.
struct OptimizerConfig {
  OptimizerKind name = OptimizerKind::kAdam;
  std::optional<double> learning_rate;  // unset: 0.001 for Adam and AdamW, 0.01 for the others
  ScheduleKind schedule = ScheduleKind::kConstant;
  int schedule_epochs = 0;   // `kCosine`, `kOneCycle`: their length; 0: the run's
  double warmup_epochs = 0;  // the rate rises in a straight line from 0
  double decay_epochs = 30;
  double decay_factor = 0.1;
  int plateau_patience = 10;
  double backbone_rate = 1.0;  // the backbone's learning rate over that of the heads
  double weight_decay = 0;     // of weights, not of biases nor of BatchNorm
  double clip_norm = 0;        // gradients are scaled down to this L2 norm; 0: none
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;  // outside the bias correction, as in Keras
  double momentum = 0.9;
};

struct CheckpointConfig {
  int every = 1;  // epochs
  int keep = 0;   // newest epoch checkpoints kept; 0: all
};

/// Networks that the one in training learns from, besides the labels. They see each image as
/// evaluation does, without augmentation, once, when the run begins; what they say follows the
/// student's augmentation like a label.
struct DistillationConfig {
  /// Checkpoints or exported files whose outputs have the run's names; of any width and input size.
  /// Several: their mean.
  std::vector<std::filesystem::path> teachers{};
  double weight = 0.5;          // of the teachers' outputs in the loss; the labels have 1 - weight
  double feature_weight = 0.0;  // of their pooled features (checkpoints only), added to the loss
};

/// Images without labels, in folders.
struct UnlabelledConfig {
  std::vector<std::filesystem::path> folders{};
  /// Pseudo-labels by the distillation's teachers, kept where what they say of the image, of its
  /// mirror image and of turned ones, taken back, has a standard deviation of at most `agreement`
  /// (degrees for angles, else the outputs' unit) for every output.
  bool pseudo_labels = false;
  double agreement = 3.0;
  double weight = 0.5;  // of pseudo-labelled rows in the loss
  /// A mean teacher (Tarvainen and Valpola, 2017): the moving average of the network sees an image
  /// plain, the network sees it augmented, and the squared difference of what they say, weighted by
  /// this, is added to the loss. 0: none. Rises from 0 over `consistency_rampup` epochs.
  double consistency_weight = 0.0;
  double consistency_rampup = 5.0;
};

struct TrainingConfig {
  int epochs = 30;
  int batch_size = 64;
  int steps_per_epoch = 0;   // 0: one pass over the training rows
  int validation_steps = 0;  // 0: all validation rows
  int accumulate = 1;        // batches whose mean gradient makes one update
  LossKind loss = LossKind::kMse;
  double huber_delta = 1.0;
  double wing_width = 0.04;  // error, in the outputs' unit, where `wing` turns linear
  double wing_curvature = 0.008;
  OptimizerConfig optimizer;
  double ema_decay = 0.0;  // of the weights' moving average, which is judged and kept; 0: none
  int early_stopping = 0;  // epochs without a better validation MAE that end the run; 0: none
  CheckpointConfig checkpoint;
  std::filesystem::path init_from;      // safetensors weights or a checkpoint to start from
  std::vector<std::string> init_parts;  // parts taken from it; empty: all whose names fit
  int freeze_epochs = 0;                // first epochs in which the backbone stays as it is
  DistillationConfig distillation;
  UnlabelledConfig unlabelled;
};

}  // namespace mobireg
