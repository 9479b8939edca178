#pragma once

#include <atomic>
#include <string>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// Whether a network can learn one batch by heart: a bug in labels, loss or model shows here first.
struct OverfitCheck {
  static constexpr double kEnough = 0.2;
  static constexpr int kMostSteps = 400;

  double mean_error = 0;  // MAE of always saying the batch's mean labels, in report units
  double error = 0;       // MAE of the network on the batch, at last
  int steps = 0;          // taken until then
  int images = 0;

  bool passed() const { return error <= kEnough * mean_error; }

  /// One line.
  std::string to_string() const;
};

/// Trains a new network of the config on its first batch, without augmentation, dropout, weight
/// decay and schedule, until its MAE is `kEnough` of that of the mean labels, or for `kMostSteps`
/// steps, or until `stop` is set. Sets LibTorch's thread count; writes nothing. Throws Error, also
/// where all labels of the batch are the same.
OverfitCheck overfit_batch(const RunConfig& config, const WarningCallback& warn = {},
                           const std::atomic<bool>* stop = nullptr);

}  // namespace mobireg
