#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// What InputConfig says is done to pixels of 0 to 255 before the network sees them, in tf.keras 2.15's
/// order and arithmetic.
class Standardizer {
 public:
  /// `input` must be resolved and fitted (feature_mean and feature_std given where they are used).
  /// whitening: (d, d) float, d = size * size * channels in HWC order, where `zca_whitening`; else
  /// undefined. Throws Error when it is missing or of another shape.
  explicit Standardizer(const InputConfig& input, at::Tensor whitening = {});

  /// One image, HWC, size * size * channels floats, from `pixels` to `out` (may be the same).
  void apply(const float* pixels, float* out) const;

  /// The same for (N, channels, size, size) float; the result has the layout of `pixels`.
  at::Tensor apply(const at::Tensor& pixels) const;

  /// Whether it is (pixel - mean) / scale for some mean and scale, and so can be put into an exported
  /// graph.
  bool is_affine() const;

  /// Of the affine form: one value a channel. Throws Error, naming what is not affine.
  std::vector<double> mean() const;
  std::vector<double> scale() const;

  const at::Tensor& whitening() const { return whitening_; }

 private:
  // For whoever writes it.
  InputConfig input_;
  at::Tensor whitening_;
};

/// Whether anything has to be fitted to the training images before `Standardizer` can be made.
bool needs_fit(const InputConfig& input);

/// What Keras's ImageDataGenerator.fit computes, of images as they are after mean, scale and rescale.
struct FittedInput {
  InputConfig input;     // with feature_mean and feature_std
  at::Tensor whitening;  // (d, d) float, or undefined
};

/// `image(i)` gives image i of `count` as size * size * channels floats of 0 to 255, HWC; it is called
/// for each more than once. Throws Error when the whitening's matrices would not fit into memory.
FittedInput fit_input(const InputConfig& input, std::int64_t count,
                      const std::function<std::vector<float>(std::int64_t)>& image);

}  // namespace mobireg
