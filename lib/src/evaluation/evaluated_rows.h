#pragma once

#include "mobireg/evaluation/evaluate_file.h"

namespace mobireg {

/// The labelled images that the options name, for a network of that model. Throws Error.
ImageRegressionDataset evaluated_rows(const EvaluateOptions& options, const ModelConfig& model,
                                      int threads);

}  // namespace mobireg
