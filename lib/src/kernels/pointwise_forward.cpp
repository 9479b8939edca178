#include "kernels/activation.h"
#include "kernels/partial.h"
#include "kernels/pointwise.h"
#include "kernels/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// The statistics' vectors of one panel's channels; null sum: not wanted.
struct PanelStatistics {
  float* shift = nullptr;
  float* sum = nullptr;
  float* square = nullptr;
  bool first_row = false;  // the tile holds the call's first row, the shift
};

template <int vectors>
struct ForwardTile {
  Product product;         // c: z
  bool first_step = true;  // of the depth: c holds nothing yet
  PanelStatistics statistics;

  template <int rows>
  __attribute__((noinline)) void run() const {
    Vector sums[rows][vectors];
    if (first_step) {
      clear(sums);
    } else {
#pragma GCC unroll 16
      for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v)
          sums[row][v] = load(product.c + row * product.c_stride + v * kLanes);
      }
    }
    fetch<rows, vectors>(product.c, product.c_stride);
    multiply_add<rows, vectors, Left::kRows>(product, sums);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v)
        store(product.c + row * product.c_stride + v * kLanes, sums[row][v]);
    }
    if (statistics.sum == nullptr) return;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) add_statistics<rows>(sums, v);
  }

  template <int rows>
  MOBIREG_INLINE void add_statistics(const Vector (&sums)[rows][vectors], int v) const {
    if (statistics.first_row) store(statistics.shift + v * kLanes, sums[0][v]);
    const Vector shift = load(statistics.shift + v * kLanes);
    Vector sum = load(statistics.sum + v * kLanes);
    Vector square = load(statistics.square + v * kLanes);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
      const Vector difference = sums[row][v] - shift;
      sum = sum + difference;
      square = square + difference * difference;
    }
    store(statistics.sum + v * kLanes, sum);
    store(statistics.square + v * kLanes, square);
  }
};

// What a call works with.
struct Forward {
  const PointwiseForward& call;
  Columns columns;
  const float* scale;
  const float* offset;
  BlockStatistics statistics;  // padded
  float* y;
  std::int64_t y_stride;

  explicit Forward(const PointwiseForward& given)
      : call(given), columns(given.channels, given.shape.out) {
    const PointwiseShape& shape = call.shape;
    Scratch scratch(call.scratch);
    scale = scratch.padded_copy(call.input.scale, shape.in);
    offset = scratch.padded_copy(call.input.offset, shape.in);
    if (call.statistics.sum != nullptr) {
      statistics.shift = scratch.zeros(shape.out);
      statistics.sum = scratch.zeros(shape.out);
      statistics.square = scratch.zeros(shape.out);
    }
    y_stride = padded_stride(shape.in);
    y = scratch.take(0);
  }

  void run() const {
    for (std::int64_t row = 0; row < call.rows; row += kRows) {
      const int rows = static_cast<int>(least(kRows, call.rows - row));
      activate(row, rows);
      Ahead ahead(call.shape.in + call.shape.out);
      ahead.add(call.x, row + rows, call.shape.in);
      multiply(row, rows, ahead);
    }
    save_statistics();
  }

  void activate(std::int64_t first, int rows) const {
    const std::int64_t in = call.shape.in;
    for (int row = 0; row < rows; ++row) {
      const float* const x = call.x + (first + row) * in;
      for (std::int64_t i = 0; i < in; i += kLanes) {
        Vector value = load_partial(x + i, least(in - i, kLanes));
        if (scale != nullptr) value = relu6(value * load(scale + i) + load(offset + i));
        store(y + row * y_stride + i, value);
      }
    }
  }

  void multiply(std::int64_t first_row, int rows, Ahead& ahead) const {
    for (std::int64_t column = columns.begin; column < columns.end; column += kPanel) {
      EvenParts steps(call.shape.in, kDepth);
      std::int64_t from = 0;
      while (const int depth = steps.next()) {
        const Step step{from, depth, steps.at_end()};
        if (columns.end - column >= kPanel) {
          panel<kPanelVectors>(first_row, rows, column, step, ahead);
        } else {
          panel<1>(first_row, rows, column, step, ahead);
        }
        from += depth;
      }
    }
  }

  struct Step {  // of the depth
    std::int64_t from;
    int depth;
    bool last;
  };

  template <int vectors>
  void panel(std::int64_t first_row, int rows, std::int64_t column, const Step& step,
             Ahead& ahead) const {
    constexpr std::int64_t kColumns = vectors * kLanes;
    const std::int64_t out = call.shape.out;
    ForwardTile<vectors> tile;
    tile.product.a = y + step.from;
    tile.product.a_stride = y_stride;
    tile.product.b = call.weight + column * call.shape.in + step.from * kColumns;
    tile.product.depth = step.depth;
    tile.product.c = call.z + first_row * out + column;
    tile.product.c_stride = out;
    tile.first_step = step.from == 0;
    if (step.last && statistics.sum != nullptr) {
      tile.statistics = {statistics.shift + column, statistics.sum + column,
                         statistics.square + column, first_row == 0};
    }
    const EdgeCopy edge{least(kColumns, out - column), kColumns};
    EvenParts parts(rows, kTileRows<vectors>);
    while (const int height = parts.next()) {
      ahead.give(tile.product);
      run_tile(tile, height, edge);
      tile.product.a += height * y_stride;
      tile.product.c += height * out;
      tile.statistics.first_row = false;
    }
  }

  template <int vectors>
  static void run_tile(const ForwardTile<vectors>& tile, int height, const EdgeCopy& edge) {
    if (edge.columns == edge.width) return run_rows<kTileRows<vectors>>(height, tile);
    float copy[kEdgeFloats];
    ForwardTile<vectors> inner = tile;
    inner.product.c = copy;
    inner.product.c_stride = edge.width;
    if (!tile.first_step) edge.load(tile.product.c, tile.product.c_stride, height, copy);
    run_rows<kTileRows<vectors>>(height, inner);
    edge.save(copy, height, tile.product.c, tile.product.c_stride);
  }

  void save_statistics() const {
    if (statistics.sum == nullptr) return;
    const std::int64_t end = least(columns.end, call.shape.out);
    for (std::int64_t i = columns.begin; i < end; ++i) {
      call.statistics.shift[i] = statistics.shift[i];
      call.statistics.sum[i] = statistics.sum[i];
      call.statistics.square[i] = statistics.square[i];
    }
  }
};

}  // namespace

void pointwise_forward(const PointwiseForward& call) { Forward(call).run(); }

}  // namespace mobireg::MOBIREG_ISA
