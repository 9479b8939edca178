#pragma once

#include "mobireg/data/batch.h"

namespace mobireg {

/// Fills a batch, image by image.
class BatchWriter {
 public:
  /// Both must outlive this; `capacity` images at most.
  BatchWriter(const ImageRegressionDataset& dataset, const Standardizer& standardizer,
              std::int64_t capacity);

  void add(std::int64_t row, const Sample& sample);

  /// Throws Error when nothing was added.
  Batch finish();

 private:
  const ImageRegressionDataset& dataset_;
  const Standardizer& standardizer_;
  Batch batch_;
};

}  // namespace mobireg
