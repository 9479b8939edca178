#pragma once

#include "data/sample_maker.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// Fills a batch, image by image.
class BatchWriter {
 public:
  /// Dataset and standardizer must outlive this; `capacity` images at most. `options` say whether
  /// the batch has teachers' targets and plain views.
  BatchWriter(const ImageRegressionDataset& dataset, const Standardizer& standardizer,
              std::int64_t capacity, const BatchOptions& options = {});

  /// Of each slot in [0, capacity) once, or not at all; several threads at once, each its own slot.
  void write(std::int64_t slot, std::int64_t row, const Sample& sample,
             const ColourChange& colour = {});

  /// The same, with the plain view and the geometry.
  void write(std::int64_t slot, std::int64_t row, const DrawnSample& drawn);

  /// The images that were written, in the slots' order. Throws Error when there are none.
  Batch finish();

 private:
  const ImageRegressionDataset& dataset_;
  const Standardizer& standardizer_;
  Batch batch_;  // of all slots; rows are -1 where nothing was written
};

}  // namespace mobireg
