#pragma once

#include <filesystem>
#include <optional>

namespace mobireg {

enum class LossKind { kMse, kMae, kHuber };

enum class OptimizerKind { kAdam, kSgd, kMomentum };

/// `kCosine`: from the learning rate down to 0 over the whole run, step by step (Loshchilov and
/// Hutter, 2017, without restarts).
enum class ScheduleKind { kConstant, kCosine };

/// Keras's optimisers with Keras's defaults.
struct OptimizerConfig {
  OptimizerKind name = OptimizerKind::kAdam;
  std::optional<double> learning_rate;  // unset: 0.001 for Adam, 0.01 for the others
  ScheduleKind schedule = ScheduleKind::kConstant;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;  // outside the bias correction, as in Keras
  double momentum = 0.9;
};

struct CheckpointConfig {
  int every = 1;  // epochs
  int keep = 0;   // newest epoch checkpoints kept; 0: all
};

struct TrainingConfig {
  int epochs = 30;
  int batch_size = 64;
  int steps_per_epoch = 0;   // 0: one pass over the training rows
  int validation_steps = 0;  // 0: all validation rows
  LossKind loss = LossKind::kMse;
  double huber_delta = 1.0;
  OptimizerConfig optimizer;
  CheckpointConfig checkpoint;
  std::filesystem::path init_from;  // safetensors weights or a checkpoint to start from
};

}  // namespace mobireg
