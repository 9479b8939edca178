#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// Errors over a set of images; angles in degrees, everything else in its own unit. Missing labels
/// do not count, and rows' weights play no part; an output without any label has NaN.
struct MetricValues {
  double loss = 0;  // in the labels' units
  double mae = 0;   // mean over the outputs that have labels
  double mse = 0;
  std::vector<double> output_mae;
  std::vector<double> output_mse;
};

/// Sums errors batch by batch, in double precision. Its state is one tensor, so that an epoch
/// interrupted in its middle goes on where it stopped.
class MetricSums {
 public:
  explicit MetricSums(const std::vector<OutputConfig>& outputs);

  /// outputs: (N, K) float, in the units of the batch's targets. loss: the batch's mean loss.
  void add(const at::Tensor& outputs, const Batch& batch, double loss);

  void reset();
  MetricValues values() const;

  /// (2 + 3 K) double: images, loss, then each output's labels, absolute and squared errors.
  const at::Tensor& state() const { return sums_; }
  void set_state(const at::Tensor& state);

 private:
  at::Tensor factors_;  // (K) double, to report units
  at::Tensor sums_;
};

/// The header cells of `metric_cells`, each beginning with `prefix` ("" or "val_").
std::vector<std::string> metric_names(const std::vector<OutputConfig>& outputs,
                                      const std::string& prefix);

/// loss, mae, mse, then mae and mse of each output.
std::vector<double> metric_cells(const MetricValues& values);

}  // namespace mobireg
