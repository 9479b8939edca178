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
void change_unstretched(const ColourChange change, float* values, std::size_t n) {
  change_values(change, values, n);
}

/// In Keras's order of operations: what is cut to whole numbers depends on the last bit.
void change_stretched(const ColourChange& change, float* values, std::size_t n) {
  const float low = shifted(change, change.low);
  const float range = shifted(change, change.high) - low;
  const float divisor = range != 0 ? range : 1.0F;
  for (std::size_t i = 0; i < n; ++i) {
    const float stretched = (shifted(change, values[i]) - low) / divisor * 255.0F;
    values[i] = multiplied_whole(change, stretched) / 255.0F * range + low;
  }
}

}  // namespace

ColourChange colour_change(const float* pixels, std::size_t n, double channel_shift,
                           std::optional<double> brightness) {
  constexpr float kRounding = 1e-3F;
  ColourChange change;
  change.shifts = channel_shift != 0;
  change.brightens = brightness.has_value();
  if (!change.shifts && !change.brightens) return change;
  const Extremes extremes = extremes_of(pixels, n);
  change.low = extremes.low;
  change.high = extremes.high;
  change.amount = static_cast<float>(channel_shift);
  if (!change.brightens) return change;
  change.factor = static_cast<float>(std::min(*brightness, 256.0));  // beyond, all but 0 is 255
  change.stretches =
      shifted(change, change.low) < -kRounding || shifted(change, change.high) > 255.0F + kRounding;
  return change;
}

void change_colour(const ColourChange& change, float* pixels, std::size_t n) {
  change.stretches ? change_stretched(change, pixels, n) : change_unstretched(change, pixels, n);
}

void shift_channels(float* pixels, std::size_t n, double intensity) {
  change_colour(colour_change(pixels, n, intensity, std::nullopt), pixels, n);
}

void scale_brightness(float* pixels, std::size_t n, double factor) {
  change_colour(colour_change(pixels, n, 0, factor), pixels, n);
}

}  // namespace mobireg
