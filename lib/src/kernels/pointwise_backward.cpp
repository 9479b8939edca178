#include "kernels/activation.h"
#include "kernels/partial.h"
#include "kernels/pointwise.h"
#include "kernels/pointwise_layout.h"
#include "kernels/pointwise_weight.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// g = dz w where the activation of x did not clip.
template <int vectors>
struct InputTile {
  Product product;         // c: g
  bool first_step = true;  // of the depth: c holds nothing yet
  bool last_step = true;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  const float* scale = nullptr;  // null: nothing was clipped
  const float* offset = nullptr;
  InputGradient sums;  // of the panel's channels; null sum: not wanted

  template <int rows>
  __attribute__((noinline)) void run() const {
    Vector result[rows][vectors];
    if (first_step) {
      clear(result);
    } else {
#pragma GCC unroll 16
      for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v)
          result[row][v] = load(product.c + row * product.c_stride + v * kLanes);
      }
    }
    if (last_step) fetch<rows, vectors>(x, x_stride);
    fetch<rows, vectors>(product.c, product.c_stride);
    multiply_add<rows, vectors, Left::kRows>(product, result);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      if (last_step && scale != nullptr) clip<rows>(result, v);
      if (last_step && sums.sum != nullptr) add_sums<rows>(result, v);
    }
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v)
        store(product.c + row * product.c_stride + v * kLanes, result[row][v]);
    }
  }

  template <int rows>
  MOBIREG_INLINE void clip(Vector (&result)[rows][vectors], int v) const {
    const Vector factor = load(scale + v * kLanes);
    const Vector added = load(offset + v * kLanes);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
      const Vector value = load(x + row * x_stride + v * kLanes) * factor + added;
      result[row][v] = relu6_gradient(value, result[row][v]);
    }
  }

  template <int rows>
  MOBIREG_INLINE void add_sums(const Vector (&result)[rows][vectors], int v) const {
    const Vector mean = load(sums.mean + v * kLanes);
    Vector sum = load(sums.sum + v * kLanes);
    Vector product_sum = load(sums.product + v * kLanes);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
      sum = sum + result[row][v];
      product_sum = product_sum + result[row][v] * (load(x + row * x_stride + v * kLanes) - mean);
    }
    store(sums.sum + v * kLanes, sum);
    store(sums.product + v * kLanes, product_sum);
  }
};

// What a call works with.
struct Backward {
  const PointwiseBackward& call;
  Columns columns;
  const float* scale;
  const float* offset;
  StoredGradient gradient;  // padded
  InputGradient sums;       // padded
  float* own_dz;
  float* own_y;

  // Of the rows that are worked on:
  int rows = 0;
  float* dz = nullptr;  // (rows, dz_stride)
  std::int64_t dz_stride;
  float* y = nullptr;           // in panels
  std::int64_t panel_rows = 0;  // of a panel
  std::int64_t first_row = 0;   // in a panel

  explicit Backward(const PointwiseBackward& given)
      : call(given), columns(given.channels, given.shape.in) {
    const PointwiseShape& shape = call.shape;
    Scratch scratch(call.scratch);
    scale = scratch.padded_copy(call.input.scale, shape.in);
    offset = scratch.padded_copy(call.input.offset, shape.in);
    gradient.scale = scratch.padded_copy(call.gradient.scale, shape.out);
    gradient.slope = scratch.padded_copy(call.gradient.slope, shape.out);
    gradient.constant = scratch.padded_copy(call.gradient.constant, shape.out);
    if (call.input_gradient.g != nullptr && call.input_gradient.sum != nullptr) {
      sums.sum = scratch.zeros(shape.in);
      sums.product = scratch.zeros(shape.in);
      sums.mean = scratch.padded_copy(call.input_gradient.mean, shape.in);
    }
    dz_stride = padded_stride(shape.out);
    own_dz = scratch.take(least(call.rows, kRows) * dz_stride);
    own_y = scratch.take(0);
  }

  void run() {
    for (std::int64_t row = 0; row < call.rows; row += kRows) {
      rows = static_cast<int>(least(kRows, call.rows - row));
      Ahead ahead(call.shape.in + call.shape.out);
      ahead.add(call.x, row + rows, call.shape.in);
      ahead.add(call.z, row + rows, call.shape.out);
      ahead.add(call.g, row + rows, call.shape.out);
      place(row);
      unfold_gradient(row);
      if (call.input_gradient.g != nullptr) input_gradient(row, ahead);
      if (call.dw != nullptr || call.factors.values != nullptr) activate(row);
      if (call.dw != nullptr) weight_gradient(ahead);
    }
    save_sums();
  }

  // Where dz and y of these rows go: to the scratch, if nobody or another call hands them on.
  void place(std::int64_t row) {
    dz = own_dz;
    y = own_y;
    panel_rows = rows;
    if (call.factors.values == nullptr) return;
    const Factors factors(call.shape, call.factors);
    first_row = call.factors.first_row + row;
    if (columns.begin == 0) dz = factors.dz + first_row * dz_stride;
    y = factors.y;
    panel_rows = call.factors.rows;
  }

  void weight_gradient(Ahead& ahead) const {
    WeightGradient gradient;
    gradient.in = call.shape.in;
    gradient.out = call.shape.out;
    gradient.dz = dz;
    gradient.dz_stride = dz_stride;
    gradient.y = y;
    gradient.panel_rows = rows;
    gradient.rows = rows;
    gradient.dw = call.dw;
    gradient.run(columns, ahead);
  }

  void unfold_gradient(std::int64_t first) const {
    const std::int64_t out = call.shape.out;
    for (int row = 0; row < rows; ++row) {
      const float* const g = call.g + (first + row) * out;
      const float* const z = call.z + (first + row) * out;
      for (std::int64_t i = 0; i < out; i += kLanes) {
        const std::int64_t lanes = least(out - i, kLanes);
        const Vector scaled = load_partial(g + i, lanes) * load(gradient.scale + i);
        const Vector rest =
            load_partial(z + i, lanes) * load(gradient.slope + i) + load(gradient.constant + i);
        store(dz + row * dz_stride + i, scaled + rest);
      }
    }
  }

  void activate(std::int64_t first) const {
    const std::int64_t in = call.shape.in;
    const std::int64_t end = least(columns.end, in);
    for (int row = 0; row < rows; ++row) {
      const float* const x = call.x + (first + row) * in;
      for (std::int64_t i = columns.begin; i < end; i += kLanes) {
        Vector value = load_partial(x + i, least(in - i, kLanes));
        if (scale != nullptr) value = relu6(value * load(scale + i) + load(offset + i));
        const std::int64_t panel = i / kPanel * kPanel;
        const std::int64_t width = least(kPanel, padded(in) - panel);
        store(y + panel * panel_rows + (first_row + row) * width + i - panel, value);
      }
    }
  }

  struct Step {  // of the depth
    std::int64_t from;
    int depth;
    bool last;
  };

  void input_gradient(std::int64_t first_row, Ahead& ahead) const {
    for (std::int64_t column = columns.begin; column < columns.end; column += kPanel) {
      EvenParts steps(call.shape.out, kDepth);
      std::int64_t from = 0;
      while (const int depth = steps.next()) {
        const Step step{from, depth, steps.at_end()};
        if (columns.end - column >= kPanel) {
          input_panel<kPanelVectors>(first_row, column, step, ahead);
        } else {
          input_panel<1>(first_row, column, step, ahead);
        }
        from += depth;
      }
    }
  }

  template <int vectors>
  void input_panel(std::int64_t first_row, std::int64_t column, const Step& step,
                   Ahead& ahead) const {
    constexpr std::int64_t kColumns = vectors * kLanes;
    const std::int64_t in = call.shape.in;
    InputTile<vectors> tile;
    tile.product.a = dz + step.from;
    tile.product.a_stride = dz_stride;
    tile.product.b = call.weight + column * call.shape.out + step.from * kColumns;
    tile.product.depth = step.depth;
    tile.product.c = call.input_gradient.g + first_row * in + column;
    tile.x = call.x + first_row * in + column;
    tile.product.c_stride = tile.x_stride = in;
    tile.first_step = step.from == 0;
    tile.last_step = step.last;
    if (scale != nullptr) tile.scale = scale + column;
    if (scale != nullptr) tile.offset = offset + column;
    if (sums.sum != nullptr) {
      tile.sums = {nullptr, sums.sum + column, sums.product + column, sums.mean + column};
    }
    const EdgeCopy edge{least(kColumns, in - column), kColumns};
    EvenParts parts(rows, kTileRows<vectors>);
    while (const int height = parts.next()) {
      ahead.give(tile.product);
      run_tile(tile, height, edge);
      tile.product.a += height * dz_stride;
      tile.product.c += height * in;
      tile.x += height * in;
    }
  }

  template <int vectors>
  static void run_tile(const InputTile<vectors>& tile, int height, const EdgeCopy& edge) {
    if (edge.columns == edge.width) return run_rows<kTileRows<vectors>>(height, tile);
    float g[kEdgeFloats];
    float x[kEdgeFloats];
    InputTile<vectors> inner = tile;
    inner.product.c = g;
    inner.x = x;
    inner.product.c_stride = inner.x_stride = edge.width;
    if (!tile.first_step) edge.load(tile.product.c, tile.product.c_stride, height, g);
    if (tile.last_step) edge.load(tile.x, tile.x_stride, height, x);
    run_rows<kTileRows<vectors>>(height, inner);
    edge.save(g, height, tile.product.c, tile.product.c_stride);
  }

  void save_sums() const {
    if (sums.sum == nullptr) return;
    const std::int64_t end = least(columns.end, call.shape.in);
    for (std::int64_t i = columns.begin; i < end; ++i) {
      call.input_gradient.sum[i] = sums.sum[i];
      call.input_gradient.product[i] = sums.product[i];
    }
  }
};

}  // namespace

void pointwise_backward(const PointwiseBackward& call) { Backward(call).run(); }

void pointwise_weight_gradient(const PointwiseWeightGradient& call) {
  const PointwiseShape& shape = call.shape;
  const Factors factors(shape, call.factors);
  const ChannelRange& channels = call.channels;
  WeightGradient gradient;
  gradient.in = shape.in;
  gradient.out = (channels.end > 0 ? channels.end : shape.out) - channels.begin;
  gradient.dz_stride = factors.dz_stride;
  gradient.panel_rows = call.factors.rows;
  gradient.dw = call.dw + channels.begin * shape.in;
  Ahead nothing(0);
  const Columns all({}, shape.in);
  EvenParts steps(call.factors.rows, kDepth);
  gradient.y = factors.y;
  while (const int rows = steps.next()) {
    gradient.dz = factors.dz + channels.begin + gradient.first_row * factors.dz_stride;
    gradient.rows = rows;
    gradient.add = gradient.first_row > 0;
    gradient.run(all, nothing);
    gradient.first_row += rows;
  }
}

}  // namespace mobireg::MOBIREG_ISA
