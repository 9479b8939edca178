#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/training_config.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

/// Whether a longer run would have had other rates from its beginning on.
bool depends_on_length(const OptimizerConfig& optimizer);

/// The learning rate of each step of a run. With W steps of warm-up, T of the whole schedule, f the
/// `decay_factor` and D steps of `decay_epochs`, step t (from 0) has `learning_rate` times
///   warm-up      (t + 1) / W                                    while below 1; then, with u = t -
///   W, step         f ^ floor(u / D) exponential  f ^ (u / D) cosine       (1 + cos(pi u / (T -
///   W))) / 2 one_cycle    1/25 up to 1 over R = W or T / 3 steps, down to 0 at T, both as half a
///   cosine plateau      f for every `plateau_patience` epochs after the warm-up without a better
///   epoch,
///                counted anew after each (Keras's ReduceLROnPlateau with a min_delta of 0)
/// From T on, cosine and one_cycle keep the rate of the step with which their last epoch began.
class LearningRateSchedule {
 public:
  /// `training` must be resolved.
  LearningRateSchedule(const TrainingConfig& training, std::int64_t steps_per_epoch);

  double rate(std::int64_t step) const;

  /// Tells it the end of epoch `epoch` (from 1), and whether that was the best so far.
  void end_epoch(int epoch, bool best);

  /// What it remembers: with plateau the tensor `schedule.plateau`, (2) I64: epochs since the last
  /// better one or reduction, and reductions.
  std::vector<NamedTensor> state() const;

  /// Throws Error naming `origin` when that is missing.
  void load_state(const TensorFile& file, const std::string& origin);

 private:
  double factor(double step) const;
  double one_cycle(double step) const;

  OptimizerConfig config_;
  double steps_per_epoch_;
  double warmup_;  // steps
  double length_;  // steps
  std::int64_t epochs_waited_ = 0;
  std::int64_t reductions_ = 0;
};

}  // namespace mobireg
