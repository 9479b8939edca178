#pragma once

#include "kernels/isa.h"
#include "kernels/stored.h"

// What both directions of the depthwise convolution share. Channels are taken a slice at a time,
// one cache line of each pixel, so that weights and sums stay in registers along all rows of a
// tile: a few images, or some rows of a large one. The rows that the kernel moves over, already
// transformed, are kept packed: pixels of one slice, one after the other, with a pixel of zeros on
// both sides.
//
// A slice's lines are far apart, which no processor foresees. So each pixel also asks for one line
// of the next tile, in the order of the memory; without this deep layers took up to 2.3 times the
// time.

namespace mobireg::MOBIREG_ISA {

constexpr int kSlice = 16;                     // channels
constexpr int kParts = kSlice / kLanes;        // registers
constexpr std::int64_t kRingRows = 4;          // a power of two, at least 3
constexpr std::int64_t kTileFloats = 1 << 15;  // of all arrays: with the next tile, a small L2
constexpr std::int64_t kLeastPixels = 16;      // of x in a tile, whose weights are loaded for it

MOBIREG_INLINE std::int64_t slices_of(std::int64_t channels) {
  return (channels + kSlice - 1) / kSlice;
}

/// One slice of an array of rows of `channels` values: of each pixel or each weight, or of the only
/// row. Float: float or const float.
template <class Float>
struct Lines {
  Float* data = nullptr;      // the first row's
  std::int64_t channels = 0;  // from one row to the next
  int count = 0;              // channels that are there: the others are read as 0, and not stored
  Float* ahead = nullptr;     // what the first row prefetches

  /// kWhole: no channel is missing.
  template <bool kWhole>
  MOBIREG_INLINE Vector load(std::int64_t row, int part) const {
    const auto at = data + row * channels + part * kLanes;
    const int left = count - part * kLanes;
    if (kWhole || left >= kLanes) return MOBIREG_ISA::load(at);
    return left > 0 ? load_partial(at, left) : Vector{};
  }

  template <bool kWhole>
  MOBIREG_INLINE void store(std::int64_t row, int part, Vector value) const {
    const auto at = data + row * channels + part * kLanes;
    const int left = count - part * kLanes;
    if (kWhole || left >= kLanes) return MOBIREG_ISA::store(at, value);
    if (left > 0) store_partial(at, value, left);
  }

  template <bool kWhole>
  MOBIREG_INLINE void add(std::int64_t row, int part, Vector value) const {
    store<kWhole>(row, part, load<kWhole>(row, part) + value);
  }

  /// On to another first row.
  MOBIREG_INLINE void pass(std::int64_t rows) {
    data += rows * channels;
    ahead += rows * kSlice;
  }

  MOBIREG_INLINE void prefetch_for_reading(std::int64_t row) const {
    __builtin_prefetch(ahead + row * kSlice, 0, 2);
  }

  MOBIREG_INLINE void prefetch_for_writing(std::int64_t row) const {
    __builtin_prefetch(ahead + row * kSlice, 1, 2);
  }
};

template <class Float>
MOBIREG_INLINE Lines<Float> lines_of(Float* values, std::int64_t channels, std::int64_t slice) {
  const std::int64_t first = slice * kSlice;
  const std::int64_t left = channels - first;
  return {values + first, channels, left < kSlice ? static_cast<int>(left) : kSlice, nullptr};
}

/// One value a channel that the caller may not have.
struct Coefficient {
  const float* values;
  float otherwise;

  template <bool kWhole>
  MOBIREG_INLINE Vector load(std::int64_t channels, std::int64_t slice, int part) const {
    if (values == nullptr) return Vector{} + otherwise;
    return lines_of(values, channels, slice).template load<kWhole>(0, part);
  }
};

/// x * scale + offset within limits; without limits where x is read as it is.
struct Transform {
  Vector scale, offset, low, high;

  template <bool kWhole>
  MOBIREG_INLINE void begin(const Activation& input, std::int64_t channels, std::int64_t slice,
                            int part) {
    const float infinity = __builtin_inff();
    scale = Coefficient{input.scale, 1.0F}.template load<kWhole>(channels, slice, part);
    offset = Coefficient{input.offset, 0.0F}.template load<kWhole>(channels, slice, part);
    low = Vector{} + (input.scale != nullptr ? 0.0F : -infinity);
    high = Vector{} + (input.scale != nullptr ? 6.0F : infinity);
  }

  /// NaN stays NaN.
  MOBIREG_INLINE Vector y(Vector x) const {
    const Vector value = x * scale + offset;
    const Vector above = value < low ? low : value;
    return above > high ? high : above;
  }

  /// `gradient` where y was not clipped.
  MOBIREG_INLINE Vector unclipped(Vector x, Vector gradient) const {
    const Vector value = x * scale + offset;
    const Vector above = value > low ? gradient : Vector{};
    return value < high ? above : Vector{};
  }
};

/// The transformed rows of a slice of an image.
struct Ring {
  float* rows;
  const float* zeros;
  std::int64_t height;  // of the image
  std::int64_t row_floats;

  MOBIREG_INLINE float* slot(std::int64_t row) const {
    return rows + (row & (kRingRows - 1)) * row_floats;
  }

  /// Pixel -1 of a row that may lie outside of the image.
  MOBIREG_INLINE const float* row(std::int64_t row) const {
    return row < 0 || row >= height ? zeros : slot(row);
  }
};

/// What a tile's slices run over: rows `begin` to `end` of z, of the images `first` to `last`.
struct Tile {
  std::int64_t first, last;
  std::int64_t begin, end;
};

/// How a call's images are cut into tiles, and the rings that takes.
struct Tiling {
  std::int64_t images, rows;  // of a tile; rows of z
  std::int64_t row_floats;    // of a ring
  std::int64_t slice_floats;  // from one slice's ring to the next's: 0 where a tile has all rows

  /// image_floats: of all arrays. height: of z.
  MOBIREG_INLINE Tiling(const DepthwiseShape& shape, std::int64_t image_floats) {
    const std::int64_t height = shape.height / shape.stride;
    images = kTileFloats / image_floats;
    const std::int64_t least = kLeastPixels / (shape.height * shape.width);
    if (images < least) images = least;
    rows = images == 0 ? height * kTileFloats / image_floats : height;
    if (images < 1) images = 1;
    if (rows < 1) rows = 1;
    row_floats = (shape.width + 2) * kSlice;
    slice_floats = rows < height ? kRingRows * row_floats : 0;
  }

  /// Of the rings, and a row of zeros before them.
  MOBIREG_INLINE std::int64_t all_floats(std::int64_t slices) const {
    return (1 + kRingRows * (slice_floats > 0 ? slices : 1)) * row_floats;
  }

  /// Around an image there are zeros.
  MOBIREG_INLINE void clear(float* rings, std::int64_t slices) const {
    for (std::int64_t i = 0; i < all_floats(slices); ++i) rings[i] = 0.0F;
  }

  MOBIREG_INLINE Ring ring(float* rings, std::int64_t slice, std::int64_t height) const {
    return {rings + row_floats + slice * slice_floats, rings, height, row_floats};
  }

  /// Calls body(tile) for all of a call, in order.
  template <class Body>
  MOBIREG_INLINE void for_tiles(std::int64_t all, std::int64_t height, const Body& body) const {
    for (std::int64_t first = 0; first < all; first += images) {
      const std::int64_t last = first + images < all ? first + images : all;
      for (std::int64_t begin = 0; begin < height; begin += rows) {
        body(Tile{first, last, begin, begin + rows < height ? begin + rows : height});
      }
    }
  }
};

/// One of the call's arrays of images.
template <class Float>
struct Images {
  Float* data;
  std::int64_t pixels;      // of an image
  std::int64_t row_pixels;  // of a row of z
  std::int64_t channels;

  /// A slice of the tile's first image.
  MOBIREG_INLINE Lines<Float> lines(const Tile& tile, std::int64_t slice) const {
    const std::int64_t begin = tile.begin * row_pixels;
    const std::int64_t end = tile.end * row_pixels;
    const std::int64_t before = slice * (tile.last - tile.first) * (end - begin);
    Lines<Float> lines = lines_of(data + tile.first * pixels * channels, channels, slice);
    lines.ahead = data + ((tile.last - 1) * pixels + end) * channels + (before - begin) * kSlice;
    return lines;
  }
};

}  // namespace mobireg::MOBIREG_ISA
