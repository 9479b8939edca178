#include "mobireg/data/standardizer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>

#include <cmath>
#include <numeric>

#include "core/cpu_dispatch.h"
#include "core/fail.h"

namespace mobireg {
namespace {

constexpr double kStdEpsilon = 1e-6;        // Keras adds it to standard deviations
constexpr std::size_t kPatternPixels = 16;  // so that a pattern is a whole number of vectors

/// out may be `in`. `pattern` floats of subtract and divide hold for every stretch of that length.
MOBIREG_CPU_CLONES
void apply_pattern(const float* in, float* out, std::size_t values, const float* subtract,
                   const float* divide, std::size_t pattern, float multiply) {
  for (std::size_t at = 0; at < values; at += pattern) {
    const std::size_t length = std::min(pattern, values - at);
    for (std::size_t i = 0; i < length; ++i) {
      out[at + i] = (in[at + i] - subtract[i]) / divide[i] * multiply;
    }
  }
}

std::vector<float> pattern_of(const std::vector<double>& a_channel, double added = 0) {
  std::vector<float> pattern;
  for (std::size_t pixel = 0; pixel < kPatternPixels; ++pixel) {
    for (const double value : a_channel) pattern.push_back(static_cast<float>(value + added));
  }
  return pattern;
}

void check_fitted(const std::vector<double>& values, bool used, int channels, const char* field) {
  if (!used || values.size() == static_cast<std::size_t>(channels)) return;
  fail("model.input.{}: {} values given for {} channels; it is fitted when a run begins", field,
       values.size(), channels);
}

}  // namespace

Standardizer::Standardizer(const InputConfig& input, at::Tensor whitening) : input_(input) {
  const bool center = input.featurewise_center;
  const bool scale = input.featurewise_std_normalization;
  check_fitted(input.feature_mean, center, input.channels(), "feature_mean");
  check_fitted(input.feature_std, scale, input.channels(), "feature_std");
  pixel_step_ = {pattern_of(input.mean), pattern_of(input.scale),
                 static_cast<float>(input.rescale)};
  if (center || scale) {
    const auto channels = static_cast<std::size_t>(input.channels());
    const std::vector<double> zeros(channels, 0.0);
    const std::vector<double> ones(channels, 1.0);
    feature_step_ = {pattern_of(center ? input.feature_mean : zeros),
                     scale ? pattern_of(input.feature_std, kStdEpsilon) : pattern_of(ones), 1};
  }
  if (!input.zca_whitening) return;
  const auto d = static_cast<std::int64_t>(values());
  if (!whitening.defined() || whitening.sizes() != at::IntArrayRef({d, d})) {
    fail("model.input.zca_whitening: its matrix of {}x{} is missing or of another shape", d, d);
  }
  whitening_ = whitening.to(at::kFloat).contiguous();
}

std::size_t Standardizer::values() const {
  const auto size = static_cast<std::size_t>(input_.size);
  return size * size * static_cast<std::size_t>(input_.channels());
}

void Standardizer::apply(const float* pixels, float* out) const {
  apply_pattern(pixels, out, values(), pixel_step_.subtract.data(), pixel_step_.divide.data(),
                pixel_step_.subtract.size(), pixel_step_.multiply);
  apply_samplewise(out);
  if (!feature_step_.subtract.empty()) {
    apply_pattern(out, out, values(), feature_step_.subtract.data(), feature_step_.divide.data(),
                  feature_step_.subtract.size(), feature_step_.multiply);
  }
  if (whitening_.defined()) whiten(out);
}

void Standardizer::apply_samplewise(float* image) const {
  const auto count = static_cast<double>(values());
  const auto subtract = [&](double value) {
    for (std::size_t i = 0; i < values(); ++i) image[i] -= static_cast<float>(value);
  };
  if (input_.samplewise_center) subtract(std::accumulate(image, image + values(), 0.0) / count);
  if (!input_.samplewise_std_normalization) return;
  const double mean = std::accumulate(image, image + values(), 0.0) / count;
  double squares = 0;
  for (std::size_t i = 0; i < values(); ++i) squares += (image[i] - mean) * (image[i] - mean);
  const auto divide = static_cast<float>(std::sqrt(squares / count) + kStdEpsilon);
  for (std::size_t i = 0; i < values(); ++i) image[i] /= divide;
}

void Standardizer::whiten(float* image) const {
  at::Tensor row = at::from_blob(image, {1, static_cast<std::int64_t>(values())});
  row.copy_(at::matmul(row, whitening_));
}

at::Tensor Standardizer::apply(const at::Tensor& pixels) const {
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
