#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/dataset.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/model/regressor.h"
#include "mobireg/training/losses.h"
#include "mobireg/training/metrics.h"

namespace mobireg {

/// What a network said of each row, and what is true.
struct JudgedRows {
  std::vector<std::int64_t> rows;  // of the dataset
  at::Tensor outputs;              // (N, K) float, in the outputs' units
  at::Tensor targets;              // the same; NaN where missing
};

/// Judges a network on the validation rows, in their order and without augmentation.
class Validation {
 public:
  /// `config` must be resolved; `rows` must outlive this. `batches`: what else their batches need.
  Validation(const RunConfig& config, const ImageRegressionDataset& rows,
             std::shared_ptr<const Standardizer> standardizer, const BatchOptions& batches);

  /// The first `training.validation_steps` batches, or all. Nothing where there are no rows. Leaves
  /// the network in evaluation mode. judged, where given, is replaced. Throws Error when an image
  /// cannot be read.
  std::optional<MetricValues> judge(Regressor network, const RegressionLoss& loss,
                                    JudgedRows* judged = nullptr) const;

 private:
  std::int64_t steps() const;

  RunConfig config_;
  const ImageRegressionDataset& rows_;
  BatchSource source_;
};

/// The threads that make batches while the others train: as configured, or one for each core that
/// does not compute, at most 8. 0: the compute threads make each batch between two steps.
int loader_threads(const RunConfig& config);

}  // namespace mobireg
