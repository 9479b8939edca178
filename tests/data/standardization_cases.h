#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fixture.h"
#include "hashed_bits.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

/// Results of real tf.keras 2.15.1 (scripts/reference/keras_standardization.py).
inline const nlohmann::json& standardization_fixture() {
  static const nlohmann::json parsed = read_fixture("keras_standardization.json");
  return parsed;
}

using FloatImages = std::vector<std::vector<float>>;

/// That script's images: `count` times `size` x `size` x `channels` bytes from the hash, HWC, those
/// of channel c shifted right by c.
inline FloatImages keras_images(const std::string& name, int count, int size, int channels) {
  FloatImages images(static_cast<std::size_t>(count));
  std::uint64_t element = 0;
  for (auto& image : images) {
    for (int i = 0; i < size * size * channels; ++i) {
      const std::uint64_t byte = hashed_bits(name, element++) >> 56;
      image.push_back(static_cast<float>(byte >> (i % channels)));
    }
  }
  return images;
}

/// Whose pixels nothing is done to.
inline InputConfig plain_input(int size = 4, int channels = 3) {
  InputConfig input;
  input.size = size;
  input.color_mode = channels == 3 ? ColorMode::kRgb : ColorMode::kGrayscale;
  input.mean.assign(static_cast<std::size_t>(channels), 0.0);
  input.scale.assign(static_cast<std::size_t>(channels), 1.0);
  return input;
}

/// The options of a case of the fixture, of 4 x 4 x 3 images.
inline InputConfig input_of(const nlohmann::json& options) {
  const auto one_a_channel = [&](const char* name, double otherwise) {
    const auto given = options.value(name, std::vector<double>{otherwise});
    return given.size() == 3 ? given : std::vector<double>(3, given[0]);
  };
  InputConfig input = plain_input();
  input.mean = one_a_channel("mean", 0);
  input.scale = one_a_channel("scale", 1);
  input.rescale = options.value("rescale", 1.0);
  input.samplewise_center = options.value("samplewise_center", false);
  input.samplewise_std_normalization = options.value("samplewise_std_normalization", false);
  input.featurewise_center = options.value("featurewise_center", false);
  input.featurewise_std_normalization = options.value("featurewise_std_normalization", false);
  return input;
}

inline FittedInput fit_to(const InputConfig& input, const FloatImages& images) {
  return fit_input(input, static_cast<std::int64_t>(images.size()),
                   [&](std::int64_t i) { return images[static_cast<std::size_t>(i)]; });
}

inline std::vector<float> standardized(const FittedInput& fitted, std::vector<float> pixels) {
  Standardizer(fitted.input, fitted.whitening).apply(pixels.data(), pixels.data());
  return pixels;
}

template <class T>
double largest(const std::vector<T>& values) {
  double largest = 0;
  for (const T value : values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

template <class T>
double largest_difference(std::vector<T> a, const std::vector<T>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return largest(a);
}

}  // namespace mobireg
