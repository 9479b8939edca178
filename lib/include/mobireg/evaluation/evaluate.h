#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// How far the standard deviations that a network expects are to be trusted, in report units, over
/// all rows that have a label and a standard deviation.
struct Calibration {
  double sigma = 0;   // mean standard deviation; to be compared with the RMSE
  double within = 0;  // share of errors within one of them; 0.683 of normally distributed ones
  double negative_log_likelihood = 0;  // mean, of the errors as normally distributed ones
};

/// Errors of one output over all rows that have a label of it (NaN where none has), in its report
/// unit (angles in degrees).
struct OutputErrors {
  std::string name;
  std::string unit;
  double mae = 0;
  double rmse = 0;
  double median = 0;                         // of the absolute errors
  std::optional<Calibration> calibration{};  // where the network gives standard deviations
};

struct Evaluation {
  std::int64_t rows = 0;
  std::vector<OutputErrors> outputs;
  OutputErrors overall;   // over all rows and outputs; no unit where the outputs' units differ
  DataFrame predictions;  // filename, then each output's prediction in the label's unit, then the
                          // standard deviations (yaw_sigma), likewise, of outputs that have one

  /// A table with a line an output.
  std::string to_string() const;
};

/// (N, outputs) float. sigmas: standard deviations of the errors that the network expects, NaN
/// where an output has none; undefined: none has.
struct PredictedOutputs {
  PredictedOutputs(at::Tensor outputs, at::Tensor sigmas = {})
      : outputs(std::move(outputs)), sigmas(std::move(sigmas)) {}

  at::Tensor outputs;
  at::Tensor sigmas;
};

/// Called with (N, channels, size, size) float pixels of 0 to 255.
using PredictFunction = std::function<PredictedOutputs(const at::Tensor& pixels)>;

/// Judges a network on labelled images. Throws Error when the dataset has no rows or an image
/// cannot be read.
Evaluation evaluate(const ImageRegressionDataset& dataset, const std::vector<OutputConfig>& outputs,
                    const PredictFunction& predict);

/// Images as (N, channels, size, size) float pixels of 0 to 255, all of one size; at least one.
at::Tensor pixel_batch(const std::vector<Image>& images);

/// The same of a dataset's images [begin, end).
at::Tensor pixel_batch(const ImageRegressionDataset& dataset, std::int64_t begin, std::int64_t end);

}  // namespace mobireg
