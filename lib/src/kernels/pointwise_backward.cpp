#include "kernels/activation.h"
#include "kernels/partial.h"
#include "kernels/pointwise.h"
#include "kernels/pointwise_layout.h"

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

// dw += dz^T y
template <int vectors>
struct WeightTile {
  Product product;  // c: dw

  template <int rows>
  __attribute__((noinline)) void run() const {
    Vector result[rows][vectors];
    clear(result);
    multiply_add<rows, vectors, Left::kColumns>(product, result);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        float* const at = product.c + row * product.c_stride + v * kLanes;
        store(at, load(at) + result[row][v]);
      }
    }
  }
};

// What a call works with.
struct Backward {
  const PointwiseBackward& call;
  const float* scale;
  const float* offset;
  StoredGradient gradient;  // padded
  InputGradient sums;       // padded
  float* dz;                // (rows, out)
  std::int64_t dz_stride;
  float* y;  // (rows, in), in panels
  int rows = 0;

  explicit Backward(const PointwiseBackward& given) : call(given) {
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
    dz = scratch.take(least(call.rows, kRows) * dz_stride);
    y = scratch.take(0);
  }

  void run() {
    for (std::int64_t row = 0; row < call.rows; row += kRows) {
      rows = static_cast<int>(least(kRows, call.rows - row));
      Ahead ahead(call.shape.in + call.shape.out);
      ahead.add(call.x, row + rows, call.shape.in);
      ahead.add(call.z, row + rows, call.shape.out);
      ahead.add(call.g, row + rows, call.shape.out);
      unfold_gradient(row);
      if (call.input_gradient.g != nullptr) input_gradient(row, ahead);
      if (call.dw != nullptr) {
        activate(row);
        weight_gradient(ahead);
      }
    }
    save_sums();
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
    const std::int64_t width = padded(in);
    for (int row = 0; row < rows; ++row) {
      const float* const x = call.x + (first + row) * in;
      for (std::int64_t i = 0; i < in; i += kLanes) {
        Vector value = load_partial(x + i, least(in - i, kLanes));
        if (scale != nullptr) value = relu6(value * load(scale + i) + load(offset + i));
        const std::int64_t panel = i / kPanel * kPanel;
        const std::int64_t columns = least(kPanel, width - panel);
        store(y + panel * rows + row * columns + i - panel, value);
      }
    }
  }

  struct Step {  // of the depth
    std::int64_t from;
    int depth;
    bool last;
  };

  void input_gradient(std::int64_t first_row, Ahead& ahead) const {
    const std::int64_t width = padded(call.shape.in);
    for (std::int64_t column = 0; column < width; column += kPanel) {
      EvenParts steps(call.shape.out, kDepth);
      std::int64_t from = 0;
      while (const int depth = steps.next()) {
        const Step step{from, depth, steps.at_end()};
        if (width - column >= kPanel) {
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

  void weight_gradient(Ahead& ahead) const {
    const std::int64_t width = padded(call.shape.in);
    for (std::int64_t column = 0; column < width; column += kPanel) {
      if (width - column >= kPanel) {
        weight_panel<kPanelVectors>(column, ahead);
      } else {
        weight_panel<1>(column, ahead);
      }
    }
  }

  template <int vectors>
  void weight_panel(std::int64_t column, Ahead& ahead) const {
    constexpr std::int64_t kColumns = vectors * kLanes;
    const std::int64_t in = call.shape.in;
    WeightTile<vectors> tile;
    tile.product.a = dz;
    tile.product.a_stride = dz_stride;
    tile.product.b = y + column * rows;
    tile.product.depth = rows;
    tile.product.c = call.dw + column;
    tile.product.c_stride = in;
    const EdgeCopy edge{least(kColumns, in - column), kColumns};
    EvenParts parts(call.shape.out, kTileRows<vectors>);
    while (const int height = parts.next()) {
      ahead.give(tile.product);
      run_tile(tile, height, edge);
      tile.product.a += height;
      tile.product.c += height * in;
    }
  }

  template <int vectors>
  static void run_tile(const WeightTile<vectors>& tile, int height, const EdgeCopy& edge) {
    if (edge.columns == edge.width) return run_rows<kTileRows<vectors>>(height, tile);
    float dw[kEdgeFloats];
    WeightTile<vectors> inner = tile;
    inner.product.c = dw;
    inner.product.c_stride = edge.width;
    edge.load(tile.product.c, tile.product.c_stride, height, dw);
    run_rows<kTileRows<vectors>>(height, inner);
    edge.save(dw, height, tile.product.c, tile.product.c_stride);
  }

  void save_sums() const {
    if (sums.sum == nullptr) return;
    for (std::int64_t i = 0; i < call.shape.in; ++i) {
      call.input_gradient.sum[i] = sums.sum[i];
      call.input_gradient.product[i] = sums.product[i];
    }
  }
};

}  // namespace

void pointwise_backward(const PointwiseBackward& call) { Backward(call).run(); }

}  // namespace mobireg::MOBIREG_ISA
