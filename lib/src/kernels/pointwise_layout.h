#pragma once

#include "kernels/gemm_tile.h"
#include "kernels/kernels.h"
#include "kernels/partial.h"

// Where the pointwise kernels keep what they work on. A matrix that is multiplied from the right
// lies in panels of kPanel columns (the last may have kLanes), each (depth, columns) and dense.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kDepth = 256;  // a panel this deep and a tile of rows fit the first cache
constexpr std::int64_t kRows = 128;   // worked on at a time: they stay in the second cache

MOBIREG_INLINE std::int64_t least(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

// Channels rounded up to whole registers.
MOBIREG_INLINE std::int64_t padded(std::int64_t channels) {
  return (channels + kLanes - 1) / kLanes * kLanes;
}

// Channels rounded up to an odd number of cache lines: rows then spread over the whole cache.
MOBIREG_INLINE std::int64_t padded_stride(std::int64_t channels) {
  return ((channels + kFloatsInLine - 1) / kFloatsInLine | 1) * kFloatsInLine;
}

// Columns of a product, `begin` to `end`, up to the registers' edge.
struct Columns {
  std::int64_t begin;
  std::int64_t end;

  // channels: all that the result has.
  Columns(const ChannelRange& range, std::int64_t channels)
      : begin(range.begin), end(padded(range.end > 0 ? range.end : channels)) {}
};

// Hands out the parts of a call's scratch, each on its own cache lines.
class Scratch {
 public:
  explicit Scratch(float* at) : at_(at) {}

  float* take(std::int64_t floats) {
    float* const part = at_;
    at_ += (floats + kFloatsInLine - 1) / kFloatsInLine * kFloatsInLine;
    return part;
  }

  // One value a channel, zeros behind the last; null stays null.
  const float* padded_copy(const float* values, std::int64_t channels) {
    if (values == nullptr) return nullptr;
    float* const copy = take(padded(channels));
    for (std::int64_t i = 0; i < channels; ++i) copy[i] = values[i];
    for (std::int64_t i = channels; i < padded(channels); ++i) copy[i] = 0;
    return copy;
  }

  float* zeros(std::int64_t channels) {
    float* const part = take(padded(channels));
    for (std::int64_t i = 0; i < padded(channels); ++i) part[i] = 0;
    return part;
  }

 private:
  float* at_;
};

// The rows that come next, of up to three arrays, which are fetched from memory while the products
// of the rows before them are made.
class Ahead {
 public:
  // Wanted if that many channels, of all arrays, leave room in the cache. Rows past the call's are
  // likely the next call's; fetching what does not exist does no harm.
  explicit Ahead(std::int64_t channels) : wanted_(channels <= kMostChannels) {}

  void add(const float* array, std::int64_t first_row, std::int64_t channels) {
    if (wanted_) arrays_[count_++] = {array + first_row * channels, kRows * channels};
  }

  // What the next tile fetches.
  void give(Product& product) {
    product.ahead = nullptr;
    if (count_ == 0) return;
    Array& array = arrays_[count_ - 1];
    product.ahead = array.at;
    array.at += product.depth * kFloatsInLine;
    array.floats -= product.depth * kFloatsInLine;
    if (array.floats <= 0) --count_;
  }

 private:
  static constexpr std::int64_t kMostChannels = 768;

  struct Array {
    const float* at;
    std::int64_t floats;
  };

  Array arrays_[3];
  int count_ = 0;
  bool wanted_;
};

// A tile at the right edge whose last columns do not exist works on a copy, `width` floats a row.
struct EdgeCopy {
  std::int64_t columns;  // that exist
  std::int64_t width;

  void load(const float* from, std::int64_t stride, int rows, float* copy) const {
    for (int row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < columns; i += kLanes) {
        store(copy + row * width + i,
              load_partial(from + row * stride + i, least(columns - i, kLanes)));
      }
    }
  }

  void save(const float* copy, int rows, float* to, std::int64_t stride) const {
    for (int row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < columns; i += kLanes) {
        store_partial(to + row * stride + i, MOBIREG_ISA::load(copy + row * width + i),
                      least(columns - i, kLanes));
      }
    }
  }
};

constexpr int kEdgeFloats =
    kTileRows < 1 >> kTileRows<2> ? kTileRows<1>* kPanel : kTileRows<2>* kPanel;

}  // namespace mobireg::MOBIREG_ISA
