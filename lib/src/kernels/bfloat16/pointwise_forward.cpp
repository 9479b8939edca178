#include "kernels/bfloat16/pointwise.h"
#include "kernels/bfloat16/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// What a call works with.
struct Forward {
  const PointwiseForwardOf<Bfloat16>& call;
  Scratch scratch;
  const InputTransform transform;
  std::int64_t steps;  // groups
  Groups columns;
  float* shift = nullptr;  // the statistics, in the order of vector.h; null: not wanted
  float* sum = nullptr;
  float* square = nullptr;
  float* sums;  // a block's
  Bfloat16* y;

  explicit Forward(const PointwiseForwardOf<Bfloat16>& given)
      : call(given),
        scratch(call.scratch),
        transform(call.input, call.shape.in, scratch),
        steps(groups_of(call.shape.in)),
        columns(call.channels, call.shape.out) {
    if (call.statistics.sum != nullptr) {
      shift = scratch.filled(call.shape.out, 0);
      sum = scratch.filled(call.shape.out, 0);
      square = scratch.filled(call.shape.out, 0);
    }
    sums = scratch.floats(kBlock);
    y = scratch.tiles(0);
  }

  template <class Products>
  void run() const {
    Products::begin();
    for (std::int64_t row = 0; row < call.rows; row += kRows) {
      const std::int64_t rows = least(kRows, call.rows - row);
      activate(row, rows);
      multiply<Products>(row, rows);
    }
    Products::end();
    if (sum != nullptr) save_statistics();
  }

  void activate(std::int64_t first, std::int64_t rows) const {
    const std::int64_t in = call.shape.in;
    for (std::int64_t row = 0; row < blocks_of(rows) * kBlock; ++row) {
      const Bfloat16* const x = call.x + (first + row) * in;
      Bfloat16* const to = y + row / 16 * steps * kTile + row % 16 * kGroup;
      for (std::int64_t g = 0; g < steps; ++g) {
        __m512i words = _mm512_setzero_si512();
        if (row < rows) words = transform.words(load_words(x + g * kGroup, mask_of(in, g)), g);
        _mm512_storeu_si512(to + g * kTile, words);
      }
    }
  }

  template <class Products>
  void multiply(std::int64_t first, std::int64_t rows) const {
    TileProduct product;
    product.steps = product.next = steps;
    product.c = sums;
    for (std::int64_t column = columns.begin; column < columns.end; ++column) {
      product.b = reinterpret_cast<const Bfloat16*>(call.weight) + 2 * column * steps * kTile;
      for (std::int64_t row = 0; row < rows; row += kBlock) {
        product.a = y + row / 16 * steps * kTile;
        const std::int64_t count = least(kBlock, rows - row);
        Bfloat16* const z = call.z + (first + row) * call.shape.out + column * kGroup;
        fetch_group<true>(z, count, call.shape.out);
        Products::template multiply<false>(product);
        save_block(first + row, count, column);
      }
    }
  }

  /// Rounds a block of z; the statistics are of the rounded values, as these are what is read.
  void save_block(std::int64_t first, std::int64_t rows, std::int64_t column) const {
    const __mmask32 mask = mask_of(call.shape.out, column);
    const std::int64_t out = call.shape.out;
    Bfloat16* z = call.z + first * out + column * kGroup;
    const float* from = sums;
    const auto round = [&]() __attribute__((always_inline)) {
      return round_words(_mm512_loadu_ps(from), _mm512_loadu_ps(from + 16));
    };
    if (sum == nullptr) {
      for (std::int64_t row = 0; row < rows; ++row, from += kBlock, z += out) {
        _mm512_mask_storeu_epi16(z, mask, round());
      }
      return;
    }
    const std::int64_t at = column * kGroup;
    if (first == 0) store_ordered(shift + at, widen(round()));
    const Pair middle = load_ordered(shift + at);
    Pair total = load_ordered(sum + at);
    Pair squares = load_ordered(square + at);
    for (std::int64_t row = 0; row < rows; ++row, from += kBlock, z += out) {
      const __m512i words = round();
      _mm512_mask_storeu_epi16(z, mask, words);
      const Pair value = widen(words);
      const __m512 even = value.even - middle.even;
      const __m512 odd = value.odd - middle.odd;
      total = {total.even + even, total.odd + odd};
      squares = {_mm512_fmadd_ps(even, even, squares.even), _mm512_fmadd_ps(odd, odd, squares.odd)};
    }
    store_ordered(sum + at, total);
    store_ordered(square + at, squares);
  }

  void save_statistics() const {
    for (std::int64_t g = columns.begin; g < columns.end; ++g) {
      const std::int64_t at = g * kGroup;
      const __mmask32 mask = mask_of(call.shape.out, g);
      store_pair(call.statistics.shift + at, load_ordered(shift + at), mask);
      store_pair(call.statistics.sum + at, load_ordered(sum + at), mask);
      store_pair(call.statistics.square + at, load_ordered(square + at), mask);
    }
  }
};

}  // namespace

template <class Products>
void pointwise_forward(const PointwiseForwardOf<Bfloat16>& call) {
  Forward(call).run<Products>();
}

template void pointwise_forward<DotProducts>(const PointwiseForwardOf<Bfloat16>&);
template void pointwise_forward<Amx>(const PointwiseForwardOf<Bfloat16>&);

}  // namespace mobireg::MOBIREG_ISA
