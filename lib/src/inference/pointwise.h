#pragma once

#include "inference/packing.h"
#include "inference/tile.h"

namespace mobireg::MOBIREG_ISA {

/// Goes through a map's pixels in order, images one after the other.
struct PixelCursor {
  const ActivationMap& map;
  std::int64_t image;
  int row;
  int column;

  PixelCursor(const ActivationMap& over, std::int64_t first_row)
      : map(over),
        image(first_row / over.height),
        row(static_cast<int>(first_row % over.height)),
        column(0) {}

  float* next() {
    float* at =
        map.data + image * map.image_stride + row * map.row_stride + column * map.pixel_stride;
    if (++column == map.width) {
      column = 0;
      if (++row == map.height) {
        row = 0;
        ++image;
      }
    }
    return at;
  }
};

/// The channels of pixel p are at data + p * stride.
struct PixelRows {
  const float* data;
  std::int64_t stride;
  std::int64_t pixels;
};

/// Writes x's pixels into y from row `first_row` on, rows of all images counted.
MOBIREG_INLINE void run_pointwise(const Pointwise& layer, const PixelRows& x,
                                  const ActivationMap& y, std::int64_t first_row,
                                  WeightStream& stream) {
  const float* weight = layer.weight;
  int width = 0;
  for (int v = 0; v < layer.vectors; v += width) {
    width = panel_width(layer.vectors - v, kPanel);
    const std::int64_t panel = std::int64_t{layer.depth} * width * kLanes;
    PixelCursor cursor(y, first_row);
    for (std::int64_t pixel = 0; pixel < x.pixels; pixel += kTilePixels) {
      const int count = static_cast<int>(smaller<std::int64_t>(kTilePixels, x.pixels - pixel));
      float* to[kTilePixels];
      for (int p = 0; p < count; ++p) to[p] = cursor.next();
      TileInput in{x.data + pixel * x.stride, x.stride, 1, layer.depth, 0, nullptr, 0};
      fetch_ahead(stream, weight + panel, layer.depth, in);
      run_tile<0>(count, width, in, weight, layer.epilogue, v * kLanes, to);
    }
    weight += panel;
  }
}

}  // namespace mobireg::MOBIREG_ISA
