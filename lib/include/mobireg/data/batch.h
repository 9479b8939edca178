#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/config/data_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

class Standardizer;

struct Batch {
  at::Tensor images;               // (N, channels, size, size) float, channels-last, standardised
  at::Tensor targets;              // (N, outputs) float, in the outputs' units; 0 where missing
  at::Tensor present;              // (N, outputs) float, 0 where missing, else 1; undefined: all 1
  at::Tensor weights;              // (N) float, of the rows in the loss; undefined: all 1
  std::vector<std::int64_t> rows;  // of the dataset
  at::Tensor teacher_targets;      // (N, outputs) float, moved like the targets; undefined: none
  at::Tensor plain_images;  // as `images`, but as evaluation sees them; undefined: not asked for
  /// (N, 6) double: the affine maps that take pixels of `images` to pixels of `plain_images`, as
  /// Keras and scipy number them: x' = g0 x + g1 y + g2, y' = g3 x + g4 y + g5. Undefined: not
  /// asked for.
  at::Tensor geometry;
  std::shared_ptr<const Batch> unlabelled;  // images of another source that go with these
};

/// One image as it is before standardisation, and the labels that go with it.
struct Sample {
  std::vector<float> pixels;  // size * size * channels, HWC, nominally of 0 to 255
  std::vector<float>
      targets;  // in the outputs' units, coordinates in units of the crop; NaN: missing
  std::vector<float> teacher_targets{};  // the same; empty: none
  std::vector<float> plain_pixels{};     // as evaluation sees them; empty unless asked for
};

/// Called with each image after augmentation and before standardisation: (size, size, channels)
/// float of 0 to 255; returns the same shape. Called by several threads at once.
using ImageCallback = std::function<at::Tensor(at::Tensor)>;

struct BatchOptions {
  int batch_size = 64;
  bool shuffle = false;
  std::uint64_t seed = 1;
  /// Whether the images are augmented, and their crop margins drawn.
  bool augment = false;
  AugmentationConfig augmentation;
  BalanceConfig balance;
  /// (rows, outputs) float: a second set of the rows' targets, in the same units; undefined: none.
  at::Tensor teacher_targets;
  bool plain_view = false;            // whether batches have `plain_images`, ...
  bool geometry = false;              // ... and `geometry`
  bool skip_bad_images = false;       // leave out images that cannot be read, else throw
  std::filesystem::path save_to_dir;  // every image of every batch as PNG; empty: none
  std::string save_prefix;
  ImageCallback preprocessing;
  WarningCallback warn;  // of images left out; called by several threads at once
};

/// An endless stream of batches over a dataset, pass after pass. Batch `step` is a function of
/// (seed, step) alone: the order within a pass and each draw's augmentation come from the counter
/// (seed, pass, position). A pass's last batch may be smaller; one image left over joins the batch
/// before it, for BatchNorm cannot train on one value.
class BatchSource {
 public:
  /// `dataset` must outlive this. `model` must be resolved, and its input fitted.
  BatchSource(const ImageRegressionDataset& dataset, const ModelConfig& model,
              std::shared_ptr<const Standardizer> standardizer, BatchOptions options);

  std::int64_t batches_per_pass() const;

  /// Thread-safe. `in_parallel`: on LibTorch's compute threads, else on the caller's alone; the
  /// batch is the same. Throws Error when an image cannot be read, or when none of a batch's can.
  Batch get(std::int64_t step, bool in_parallel = false) const;

  /// The image and labels of a row as they are drawn at `position` of `pass`. Thread-safe.
  Sample sample(std::int64_t row, std::int64_t pass, std::int64_t position) const;

 private:
  using Order = std::shared_ptr<const std::vector<std::int64_t>>;

  Order order_of_pass(std::int64_t pass) const;
  void save(const Sample& sample, std::int64_t pass, std::int64_t position) const;

  const ImageRegressionDataset& dataset_;
  BatchOptions options_;
  std::shared_ptr<const Standardizer> standardizer_;
  std::vector<double> draw_weights_;  // of the rows, where rare labels are drawn more often
  mutable std::mutex mutex_;
  mutable std::pair<std::int64_t, Order> cached_order_{-1, nullptr};
};

}  // namespace mobireg
