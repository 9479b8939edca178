#pragma once

#include "kernels/bfloat16/tile_product.h"

// What the passes of the 1x1 convolution share. Channels are padded to whole groups, rows to whole
// blocks of a product.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kRows = 256;  // worked on at a time: they stay in the second cache

MOBIREG_INLINE std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

MOBIREG_INLINE std::int64_t blocks_of(std::int64_t rows) { return (rows + kBlock - 1) / kBlock; }

/// Groups of channels: `begin` to `end`.
struct Groups {
  std::int64_t begin;
  std::int64_t end;

  /// channels: all there are.
  Groups(const ChannelRange& range, std::int64_t channels)
      : begin(range.begin / kGroup), end(groups_of(range.end > 0 ? range.end : channels)) {}

  std::int64_t count() const { return end - begin; }
};

/// Hands out the parts of a call's scratch, each a whole number of cache lines.
class Scratch {
 public:
  explicit Scratch(float* at) : at_(at) {}

  float* floats(std::int64_t groups) {
    float* const part = at_;
    at_ += groups * kGroup;
    return part;
  }

  /// Words in tiles.
  Bfloat16* tiles(std::int64_t count) {
    return reinterpret_cast<Bfloat16*>(floats(count * kTile / 2 / kGroup));
  }

  /// One value a channel, in the order of vector.h, zeros behind the last.
  const float* ordered_copy(const float* values, std::int64_t channels) {
    float* const copy = floats(groups_of(channels));
    for (std::int64_t g = 0; g < groups_of(channels); ++g) {
      store_ordered(copy + g * kGroup, load_pair(values + g * kGroup, mask_of(channels, g)));
    }
    return copy;
  }

  float* filled(std::int64_t channels, float value) {
    float* const part = floats(groups_of(channels));
    for (std::int64_t i = 0; i < groups_of(channels) * kGroup; ++i) part[i] = value;
    return part;
  }

 private:
  float* at_;
};

/// How x is read: x * scale + offset within limits, or as it is.
struct InputTransform {
  const float* scale;
  const float* offset;
  __m512 low, high;

  InputTransform(const Activation& input, std::int64_t channels, Scratch& scratch) {
    const bool given = input.scale != nullptr;
    scale = given ? scratch.ordered_copy(input.scale, channels) : scratch.filled(channels, 1);
    offset = given ? scratch.ordered_copy(input.offset, channels) : scratch.filled(channels, 0);
    low = _mm512_set1_ps(given ? 0.0F : -__builtin_inff());
    high = _mm512_set1_ps(given ? 6.0F : __builtin_inff());
  }

  /// NaN stays NaN: the instructions give the second value if one is NaN.
  MOBIREG_INLINE __m512 clamp(__m512 value) const {
    return _mm512_min_ps(high, _mm512_max_ps(low, value));
  }

  /// y of a group of a row.
  MOBIREG_INLINE __m512i words(__m512i x, std::int64_t g) const {
    const Pair value = widen(x);
    const Pair factor = load_ordered(scale + g * kGroup);
    const Pair added = load_ordered(offset + g * kGroup);
    return round_words(clamp(_mm512_fmadd_ps(value.even, factor.even, added.even)),
                       clamp(_mm512_fmadd_ps(value.odd, factor.odd, added.odd)));
  }
};

/// Fetches a group of each of some rows, which the processor would not foresee, while a product is
/// made. (Whole rows that come next it foresees itself: to ask for them cost a tenth.)
template <bool kForWriting>
MOBIREG_INLINE void fetch_group(const Bfloat16* at, std::int64_t rows, std::int64_t channels) {
  for (std::int64_t row = 0; row < rows; ++row) {
    __builtin_prefetch(at + row * channels, kForWriting ? 1 : 0);
  }
}

}  // namespace mobireg::MOBIREG_ISA
