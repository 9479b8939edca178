#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// Errors of one output over all rows that have a label of it (NaN where none has), in its report
/// unit (angles in degrees).
struct OutputErrors {
  std::string name;
  std::string unit;
  double mae = 0;
  double rmse = 0;
  double median = 0;  // of the absolute errors
};

struct Evaluation {
  std::int64_t rows = 0;
  std::vector<OutputErrors> outputs;
  OutputErrors overall;   // over all rows and outputs; no unit where the outputs' units differ
  DataFrame predictions;  // filename, then each output's prediction in the label's unit

  /// A table with a line an output.
  std::string to_string() const;
};

/// Called with (N, channels, size, size) float pixels of 0 to 255; returns (N, outputs) float.
using PredictFunction = std::function<at::Tensor(const at::Tensor& pixels)>;

/// Judges a network on labelled images. Throws Error when the dataset has no rows or an image
/// cannot be read.
Evaluation evaluate(const ImageRegressionDataset& dataset, const std::vector<OutputConfig>& outputs,
                    const PredictFunction& predict);

/// Images as (N, channels, size, size) float pixels of 0 to 255, all of one size; at least one.
at::Tensor pixel_batch(const std::vector<Image>& images);

/// The same of a dataset's images [begin, end).
at::Tensor pixel_batch(const ImageRegressionDataset& dataset, std::int64_t begin, std::int64_t end);

}  // namespace mobireg
