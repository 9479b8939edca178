#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/model/regressor.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

/// An exponential moving average of a network's weights and running statistics, as a network of its
/// own. Update t (from 1) moves it by 1 - min(decay, (1 + t) / (10 + t)) towards the network, as
/// TensorFlow's ExponentialMovingAverage with `num_updates` does.
class WeightAverage {
 public:
  /// Begins as `network` is, which must outlive this. `decay`: 0 up to, not including, 1.
  WeightAverage(const Regressor& network, double decay);

  /// The average, in evaluation mode, without gradients.
  Regressor network() const { return average_; }

  /// The averaged parameters, in the order of the network's, for `Optimizer::set_averages`.
  std::vector<at::Tensor> parameters() const;

  /// Makes it equal to the network, as it was in the beginning.
  void reset();

  /// Counts an update, averages the running statistics, and returns the share by which the
  /// parameters are to be averaged.
  double advance();

  /// `average.updates`, and nothing else: the weights are `named_weights(*network())`.
  std::vector<NamedTensor> state() const;

  /// Takes both from `file`. Throws Error naming `origin` when a tensor is missing.
  void load_state(const TensorFile& file, const std::string& origin);

 private:
  Regressor source_;
  Regressor average_;
  double decay_;
  std::int64_t updates_ = 0;
};

}  // namespace mobireg
