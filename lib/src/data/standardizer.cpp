#include "mobireg/data/standardizer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "augmentation/colour.h"
#include "core/cpu_dispatch.h"
#include "core/fail.h"

namespace mobireg {
namespace {

constexpr double kStdEpsilon = 1e-6;  // Keras adds it to standard deviations

/// Floats: a whole number of pixels, of 1 and of 3 channels, and of vectors.
constexpr std::size_t kPattern = 48;

struct Pattern {
  const float* subtract;  // kPattern values
  const float* divide;
  float multiply;
};

/// Of at most kPattern values, kept by themselves meanwhile so that the compiler need not look for
/// overlaps. Division, for a product with the inverse would be off by a bit.
[[gnu::always_inline]] inline void apply_once(const ColourChange& colour, const Pattern& pattern,
                                              const float* in, std::size_t n, float* out) {
  float values[kPattern];
  for (std::size_t i = 0; i < n; ++i) values[i] = in[i];
  change_values(colour, values, n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = (values[i] - pattern.subtract[i]) / pattern.divide[i] * pattern.multiply;
  }
  for (std::size_t i = 0; i < n; ++i) out[i] = values[i];
}

/// (colour(in) - subtract) / divide * multiply, of every kPattern values; out may be `in`.
MOBIREG_CPU_CLONES
void apply_pattern(const ColourChange colour, const Pattern pattern, const float* in, std::size_t n,
                   float* out) {
  std::size_t at = 0;
  for (; at + kPattern <= n; at += kPattern) {
    apply_once(colour, pattern, in + at, kPattern, out + at);
  }
  apply_once(colour, pattern, in + at, n - at, out + at);
}

std::vector<float> pattern_of(const std::vector<double>& a_channel, double added = 0) {
  std::vector<float> pattern;
  while (pattern.size() < kPattern) {
    for (const double value : a_channel) pattern.push_back(static_cast<float>(value + added));
  }
  return pattern;
}

/// Sums side by side, so that the compiler may keep them in vectors.
constexpr std::size_t kLanes = 8;

/// The sum of `term(value)`.
template <class Term>
inline double sum_of(const float* values, std::size_t count, const Term& term) {
  double lanes[kLanes] = {};
  std::size_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += term(values[at + k]);
  }
  for (; at < count; ++at) lanes[0] += term(values[at]);
  return std::accumulate(lanes, lanes + kLanes, 0.0);
}

MOBIREG_CPU_CLONES
double mean_of(const float* values, std::size_t count) {
  const auto itself = [](float value) { return static_cast<double>(value); };
  return sum_of(values, count, itself) / static_cast<double>(count);
}

MOBIREG_CPU_CLONES
double std_of(const float* values, std::size_t count) {
  const double mean = mean_of(values, count);
  const auto square = [mean](float value) { return (value - mean) * (value - mean); };
  return std::sqrt(sum_of(values, count, square) / static_cast<double>(count));
}

void check_channels(const std::vector<double>& values, int channels, const char* field) {
  if (values.size() == static_cast<std::size_t>(channels)) return;
  fail("model.input.{}: {} values for {} channels; it must have one for each", field, values.size(),
       channels);
}

void check_fitted(const std::vector<double>& values, int channels, const char* field) {
  if (values.empty()) fail("model.input.{}: it is empty; it must be fitted first", field);
  check_channels(values, channels, field);
}

}  // namespace

Standardizer::Standardizer(const InputConfig& input, at::Tensor whitening) : input_(input) {
  const bool center = input.featurewise_center;
  const bool scale = input.featurewise_std_normalization;
  check_channels(input.mean, input.channels(), "mean");
  check_channels(input.scale, input.channels(), "scale");
  if (center) check_fitted(input.feature_mean, input.channels(), "feature_mean");
  if (scale) check_fitted(input.feature_std, input.channels(), "feature_std");
  if (input_.rescale == 0) input_.rescale = 1;  // none, as in Keras
  pixel_step_ = {pattern_of(input.mean), pattern_of(input.scale),
                 static_cast<float>(input_.rescale)};
  if (center || scale) {
    feature_step_ = {center ? pattern_of(input.feature_mean) : pattern_of({0}),
                     scale ? pattern_of(input.feature_std, kStdEpsilon) : pattern_of({1}), 1};
  }
  if (!input.zca_whitening) return;
  const auto d = static_cast<std::int64_t>(values());
  if (!whitening.defined()) {
    fail("model.input.zca_whitening: the matrix is missing; it must be fitted first");
  }
  if (whitening.sizes() != at::IntArrayRef({d, d})) {
    fail("model.input.zca_whitening: the matrix has the shape {}; it must be {}",
         c10::str(whitening.sizes()), c10::str(at::IntArrayRef({d, d})));
  }
  whitening_ = whitening.to(at::kFloat).contiguous();
}

std::size_t Standardizer::values() const {
  const auto size = static_cast<std::size_t>(input_.size);
  return size * size * static_cast<std::size_t>(input_.channels());
}

void Standardizer::apply(const float* pixels, float* out) const {
  apply(pixels, out, ColourChange{});
}

void Standardizer::apply(const float* pixels, float* out, const ColourChange& colour) const {
  if (colour.stretches) {
    std::memmove(out, pixels, values() * sizeof(float));
    change_colour(colour, out, values());
    return apply(out, out);
  }
  apply_step(pixel_step_, colour, pixels, out);
  apply_samplewise(out);
  if (!feature_step_.subtract.empty()) apply_step(feature_step_, {}, out, out);
  if (whitening_.defined()) whiten(out);
}

void Standardizer::apply_step(const Step& step, const ColourChange& colour, const float* in,
                              float* out) const {
  apply_pattern(colour, {step.subtract.data(), step.divide.data(), step.multiply}, in, values(),
                out);
}

void Standardizer::apply_samplewise(float* image) const {
  const std::size_t count = values();
  if (input_.samplewise_center) {
    const auto mean = static_cast<float>(mean_of(image, count));
    for (std::size_t i = 0; i < count; ++i) image[i] -= mean;
  }
  if (input_.samplewise_std_normalization) {
    const auto divisor = static_cast<float>(std_of(image, count) + kStdEpsilon);
    for (std::size_t i = 0; i < count; ++i) image[i] /= divisor;
  }
}

void Standardizer::whiten(float* image) const {
  at::Tensor row = at::from_blob(image, {1, static_cast<std::int64_t>(values())});
  row.copy_(at::matmul(row, whitening_));
}

at::Tensor Standardizer::apply(const at::Tensor& pixels) const {
  if (pixels.dim() != 4 || pixels.size(1) != input_.channels() || pixels.size(2) != input_.size ||
      pixels.size(3) != input_.size) {
    fail("images of shape {}; [N, {}, {}, {}] is needed", c10::str(pixels.sizes()),
         input_.channels(), input_.size, input_.size);
  }
  const at::Tensor images =
      pixels.to(at::kCPU, at::kFloat).permute({0, 2, 3, 1}).contiguous();  // HWC
  at::Tensor result = at::empty(images.sizes(), at::kFloat);
  const auto stride = static_cast<std::int64_t>(values());
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    apply(images.data_ptr<float>() + i * stride, result.data_ptr<float>() + i * stride);
  }
  return result.permute({0, 3, 1, 2});
}

bool Standardizer::is_affine() const {
  return !input_.samplewise_center && !input_.samplewise_std_normalization && !input_.zca_whitening;
}

// ((x - m) / s * r - f) / d = (x - (m + f s / r)) / (s d / r)

std::vector<double> Standardizer::mean() const {
  std::vector<double> mean = input_.mean;
  for (std::size_t c = 0; c < mean.size(); ++c) {
    if (input_.featurewise_center) {
      mean[c] += input_.feature_mean[c] * input_.scale[c] / input_.rescale;
    }
  }
  return mean;
}

std::vector<double> Standardizer::scale() const {
  std::vector<double> scale = input_.scale;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    scale[c] /= input_.rescale;
    if (input_.featurewise_std_normalization) scale[c] *= input_.feature_std[c] + kStdEpsilon;
  }
  return scale;
}

}  // namespace mobireg
