#pragma once

#include "kernels/pointwise_layout.h"

// The gradient of the 1x1 convolution's weight, at once from a block of rows or at last from what
// all blocks left.

namespace mobireg::MOBIREG_ISA {

// dw = dz^T y, or more of it
template <int vectors>
struct WeightTile {
  Product product;  // c: dw
  bool add = true;  // to what dw holds

  template <int rows>
  __attribute__((noinline)) void run() const {
    Vector result[rows][vectors];
    clear(result);
    fetch<rows, vectors>(product.c, product.c_stride);
    multiply_add<rows, vectors, Left::kColumns>(product, result);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        float* const at = product.c + row * product.c_stride + v * kLanes;
        store(at, add ? load(at) + result[row][v] : result[row][v]);
      }
    }
  }
};

// Rows of dw, as products of columns of dz and y.
struct WeightGradient {
  static constexpr std::int64_t kColumnsAtOnce = 256;  // of dw

  std::int64_t in = 0;
  std::int64_t out = 0;       // rows of dw
  const float* dz = nullptr;  // (rows, dz_stride), from the first of them on
  std::int64_t dz_stride = 0;
  const float* y = nullptr;     // in panels
  std::int64_t panel_rows = 0;  // of a panel
  std::int64_t first_row = 0;   // in a panel
  int rows = 0;
  float* dw = nullptr;
  bool add = true;  // to what dw holds

  // A few columns of dz after the other, which stay in the first cache while panels of y pass by:
  // so dw is written along its rows. Those panels stay in the second cache.
  void run(const Columns& columns, Ahead& ahead) const {
    for (std::int64_t first = columns.begin; first < columns.end; first += kColumnsAtOnce) {
      const std::int64_t end = least(first + kColumnsAtOnce, columns.end);
      EvenParts parts(out, kTileRows<kPanelVectors>);
      std::int64_t row = 0;
      while (const int height = parts.next()) {
        for (std::int64_t column = first; column < end; column += kPanel) {
          if (end - column >= kPanel) {
            tile<kPanelVectors>(row, height, column, ahead);
          } else {
            tile<1>(row, height, column, ahead);
          }
        }
        row += height;
      }
    }
  }

  template <int vectors>
  void tile(std::int64_t row, int height, std::int64_t column, Ahead& ahead) const {
    constexpr std::int64_t kColumns = vectors * kLanes;
    WeightTile<vectors> tile;
    tile.product.a = dz + row;
    tile.product.a_stride = dz_stride;
    tile.product.b = y + column * panel_rows + first_row * kColumns;
    tile.product.depth = rows;
    tile.product.c = dw + row * in + column;
    tile.product.c_stride = in;
    tile.add = add;
    const EdgeCopy edge{least(kColumns, in - column), kColumns};
    ahead.give(tile.product);
    run_tile(tile, height, edge);
  }

  template <int vectors>
  static void run_tile(const WeightTile<vectors>& tile, int height, const EdgeCopy& edge) {
    if (edge.columns == edge.width) return run_rows<kTileRows<vectors>>(height, tile);
    float copy[kEdgeFloats];
    WeightTile<vectors> inner = tile;
    inner.product.c = copy;
    inner.product.c_stride = edge.width;
    if (tile.add) edge.load(tile.product.c, tile.product.c_stride, height, copy);
    run_rows<kTileRows<vectors>>(height, inner);
    edge.save(copy, height, tile.product.c, tile.product.c_stride);
  }
};

// Where the factors of dw lie: dz, and y in panels of all rows.
struct Factors {
  float* dz;
  std::int64_t dz_stride;
  float* y;

  Factors(const PointwiseShape& shape, const PointwiseFactors& factors)
      : dz(factors.values),
        dz_stride(padded_stride(shape.out)),
        y(factors.values + factors.rows * dz_stride) {}
};

}  // namespace mobireg::MOBIREG_ISA
