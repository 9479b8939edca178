#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

struct ColourChange;

/// What InputConfig says is done to pixels of 0 to 255 before the network sees them, in the order
/// and the arithmetic of tf.keras 2.15's ImageDataGenerator.standardize. Thread-safe.
class Standardizer {
 public:
  /// `input` must be resolved and fitted (feature_mean and feature_std given where they are used).
  /// whitening: (d, d) float, d = size * size * channels in HWC order, where `zca_whitening`; else
  /// it is not read. Throws Error when something that is needed is missing or of another shape.
  explicit Standardizer(const InputConfig& input, at::Tensor whitening = {});

  /// One image, HWC, size * size * channels floats, from `pixels` to `out` (may be the same).
  void apply(const float* pixels, float* out) const;

  /// The same of what `colour` makes of the image, in one pass.
  void apply(const float* pixels, float* out, const ColourChange& colour) const;

  /// The same for (N, channels, size, size); returns float on the CPU, channels-last. Throws Error
  /// when `pixels` has another shape.
  at::Tensor apply(const at::Tensor& pixels) const;

  /// Whether it is (pixel - mean) / scale for some mean and scale, and so can be put into an
  /// exported graph.
  bool is_affine() const;

  /// Of that form, one value a channel. `is_affine` must hold.
  std::vector<double> mean() const;
  std::vector<double> scale() const;

  /// Undefined where there is none.
  const at::Tensor& whitening() const { return whitening_; }

 private:
  /// (x - subtract) / divide, then * multiply, each repeated to a whole number of pixels.
  struct Step {
    std::vector<float> subtract, divide;
    float multiply = 1;
  };

  void apply_step(const Step& step, const ColourChange& colour, const float* in, float* out) const;
  void apply_samplewise(float* values) const;
  void whiten(float* values) const;
  std::size_t values() const;

  InputConfig input_;
  Step pixel_step_;    // mean, scale and rescale
  Step feature_step_;  // feature_mean and feature_std; empty where neither is used
  at::Tensor whitening_;
};

/// Whether anything has to be fitted to the training images before a Standardizer can be made.
bool needs_fit(const InputConfig& input);

/// What Keras's ImageDataGenerator.fit computes, of images as they are after mean, scale and
/// rescale.
struct FittedInput {
  InputConfig input;     // with feature_mean and feature_std
  at::Tensor whitening;  // (d, d) float, or undefined
};

/// `image(i)` gives image i of `count` as size * size * channels floats of 0 to 255, HWC; it is
/// called for each more than once. What `input` gives already is kept. Throws Error when the
/// whitening's matrices would not fit into a quarter of the machine's memory.
FittedInput fit_input(const InputConfig& input, std::int64_t count,
                      const std::function<std::vector<float>(std::int64_t)>& image);

}  // namespace mobireg
