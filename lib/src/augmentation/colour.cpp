#include "augmentation/colour.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

/// Partial results side by side, so that the compiler may keep them in vectors.
constexpr std::size_t kLanes = 32;
using Lanes = std::array<float, kLanes>;

MOBIREG_CPU_CLONES
void extremes(const float* values, std::size_t n, float* __restrict low, float* __restrict high) {
  std::size_t at = 0;
  for (; at + kLanes <= n; at += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      const float value = values[at + k];
      low[k] = value < low[k] ? value : low[k];
      high[k] = value > high[k] ? value : high[k];
    }
  }
  for (; at < n; ++at) {
    low[0] = std::min(low[0], values[at]);
    high[0] = std::max(high[0], values[at]);
  }
}

struct Extremes {
  float low;
  float high;
};

Extremes extremes_of(const float* values, std::size_t n) {
  Lanes low;
  Lanes high;
  low.fill(std::numeric_limits<float>::infinity());
  high.fill(-std::numeric_limits<float>::infinity());
  extremes(values, n, low.data(), high.data());
  return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end())};
}

MOBIREG_CPU_CLONES
void add_within(float* values, std::size_t n, float amount, float low, float high) {
  for (std::size_t i = 0; i < n; ++i) {
    const float sum = values[i] + amount;
    const float above = sum > low ? sum : low;
    values[i] = above < high ? above : high;
  }
}

MOBIREG_CPU_CLONES
void multiply_whole(float* values, std::size_t n, float factor) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto whole = static_cast<float>(static_cast<int>(values[i]));
    values[i] = static_cast<float>(std::min(static_cast<int>(whole * factor), 255));
  }
}

}  // namespace

void shift_channels(float* pixels, std::size_t n, double intensity) {
  const auto [low, high] = extremes_of(pixels, n);
  add_within(pixels, n, static_cast<float>(intensity), low, high);
}

void scale_brightness(float* pixels, std::size_t n, double factor) {
  constexpr float kRounding = 1e-3F;
  const auto by = static_cast<float>(std::min(factor, 256.0));  // beyond, all but 0 is 255
  const auto [low, high] = extremes_of(pixels, n);
  if (low >= -kRounding && high <= 255.0F + kRounding) {
    multiply_whole(pixels, n, by);
    return;
  }
  const float range = high - low;
  // In Keras's order of operations: what is cut to whole numbers depends on the last bit.
  const float divisor = range != 0 ? range : 1.0F;
  for (std::size_t i = 0; i < n; ++i) pixels[i] = (pixels[i] - low) / divisor * 255.0F;
  multiply_whole(pixels, n, by);
  for (std::size_t i = 0; i < n; ++i) pixels[i] = pixels[i] / 255.0F * range + low;
}

}  // namespace mobireg
