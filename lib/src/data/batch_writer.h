#pragma once

#include "augmentation/colour.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// Fills a batch, image by image.
class BatchWriter {
 public:
  /// Both must outlive this; `capacity` images at most.
  BatchWriter(const ImageRegressionDataset& dataset, const Standardizer& standardizer,
              std::int64_t capacity);

  /// Of each slot in [0, capacity) once, or not at all; several threads at once, each its own slot.
  /// `colour` is still to be done to the pixels.
  void write(std::int64_t slot, std::int64_t row, const Sample& sample,
             const ColourChange& colour = {});

  /// The images that were written, in the slots' order. Throws Error when there are none.
  Batch finish();

 private:
  const ImageRegressionDataset& dataset_;
  const Standardizer& standardizer_;
  Batch batch_;  // of all slots; rows are -1 where nothing was written
};

}  // namespace mobireg
