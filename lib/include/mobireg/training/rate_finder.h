#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

struct RateStep {
  double rate = 0;
  double loss = 0;
  double smoothed = 0;  // over the steps before and after it
};

/// How the loss moves while the learning rate rises (Smith, 2017).
struct RateFinding {
  std::vector<RateStep> steps;
  /// Rates to begin with: where the loss falls fastest, and a tenth of where it is lowest. Unset
  /// where it does not fall.
  std::optional<double> steepest;
  std::optional<double> below_lowest;

  /// Some 25 of the steps, then the suggestions.
  std::string to_string() const;

  /// learning_rate, loss, smoothed_loss; a line a step.
  std::string to_csv() const;
};

struct RateFinderOptions {
  double lowest = 1e-6;
  double highest = 1;
  int steps = 150;  // at least 20
  const std::atomic<bool>* stop = nullptr;
  WarningCallback warn;
};

/// Trains a new network of the config for `steps` steps, whose rates rise exponentially from
/// `lowest` to `highest`, until the loss is four times what it was. Schedule, warm-up, accumulation
/// and freezing are left out. Sets LibTorch's thread count; writes nothing. Throws Error.
RateFinding find_learning_rate(const RunConfig& config, const RateFinderOptions& options = {});

/// Smooths the losses and sets the suggestions.
void judge_rates(RateFinding& finding);

}  // namespace mobireg
