#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

struct Batch {
  at::Tensor images;               // (N, channels, size, size) float, channels-last, normalised
  at::Tensor targets;              // (N, outputs) float, in the labels' units
  std::vector<std::int64_t> rows;  // of the dataset
};

/// Called with each image after augmentation and before normalisation: (size, size, channels) float
/// of 0 to 255; returns the same shape. Called by several threads at once.
using ImageCallback = std::function<at::Tensor(at::Tensor)>;

struct BatchOptions {
  int batch_size = 64;
  bool shuffle = false;
  std::uint64_t seed = 1;
  AugmentationConfig augmentation;
  ImageCallback preprocessing;
};

/// An endless stream of batches over a dataset, pass after pass. Batch `step` is a function of
/// (seed, step) alone: the order within a pass and each draw's augmentation come from the counter
/// (seed, pass, position). A pass's last batch may be smaller; one image left over joins the batch
/// before it, for BatchNorm cannot train on one value.
class BatchSource {
 public:
  /// `dataset` must outlive this.
  BatchSource(const ImageRegressionDataset& dataset, BatchOptions options);

  std::int64_t batches_per_pass() const;

  /// Thread-safe. Throws Error when an image cannot be read.
  Batch get(std::int64_t step) const;

 private:
  using Order = std::shared_ptr<const std::vector<std::int64_t>>;

  Order order_of_pass(std::int64_t pass) const;
  void write_image(std::int64_t row, std::int64_t pass, std::int64_t position, float* out) const;

  const ImageRegressionDataset& dataset_;
  BatchOptions options_;
  mutable std::mutex mutex_;
  mutable std::pair<std::int64_t, Order> cached_order_{-1, nullptr};
};

/// The recipe's rule applied to one image without augmentation: HWC floats of `(pixel - mean) /
/// scale`, written to `out` (size * size * channels values).
void normalize(const std::vector<float>& pixels, const InputConfig& input, float* out);

}  // namespace mobireg
