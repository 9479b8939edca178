#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "mobireg/data/batch.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

using Rows = std::vector<std::int64_t>;

inline BatchOptions shuffled(int batch_size, std::uint64_t seed = 1) {
  BatchOptions options;
  options.batch_size = batch_size;
  options.shuffle = true;
  options.seed = seed;
  options.augment = true;
  options.augmentation.rotation_range = 10;
  options.augmentation.brightness_range = {0.8, 1.2};
  return options;
}

/// `dataset` must outlive it.
inline BatchSource source_of(const ImageRegressionDataset& dataset,
                             const BatchOptions& options = {}) {
  ModelConfig model;
  model.outputs = {{"angle", Unit::kDegrees}};
  return {dataset, model, std::make_shared<const Standardizer>(dataset.input()), options};
}

inline bool same_batch(const Batch& a, const Batch& b) {
  return a.rows == b.rows && torch::equal(a.images, b.images) && torch::equal(a.targets, b.targets);
}

}  // namespace mobireg
