#include "kernels/bfloat16/pointwise.h"
#include "kernels/bfloat16/pointwise_factors.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// What a call works with.
struct Backward {
  const PointwiseBackwardOf<Bfloat16>& call;
  Scratch scratch;
  const InputTransform transform;
  const Groups columns;  // of x
  std::int64_t in, out;  // groups
  const float* scale;    // of dz; all one value a channel, in the order of vector.h
  const float* slope;
  const float* constant;
  float* sum = nullptr;  // of g; null: not wanted
  float* product = nullptr;
  const float* mean = nullptr;
  float* sums;   // a block's
  Bfloat16* dz;  // left tiles, the depth are the channels
  Factors factors;
  std::int64_t factors_first = 0;  // tile of their depth
  std::int64_t rows = 0;
  std::int64_t blocks = 0;

  explicit Backward(const PointwiseBackwardOf<Bfloat16>& given)
      : call(given),
        scratch(call.scratch),
        transform(call.input, call.shape.in, scratch),
        columns(call.channels, call.shape.in),
        in(groups_of(call.shape.in)),
        out(groups_of(call.shape.out)) {
    scale = scratch.ordered_copy(call.gradient.scale, call.shape.out);
    slope = scratch.ordered_copy(call.gradient.slope, call.shape.out);
    constant = scratch.ordered_copy(call.gradient.constant, call.shape.out);
    if (call.input_gradient.g != nullptr && call.input_gradient.sum != nullptr) {
      sum = scratch.filled(call.shape.in, 0);
      product = scratch.filled(call.shape.in, 0);
      mean = scratch.ordered_copy(call.input_gradient.mean, call.shape.in);
    }
    sums = scratch.floats(kBlock);
    PointwiseFactors kept = call.factors;
    if (kept.values == nullptr) kept = {scratch.floats(0), least(call.rows, kRows), 0};
    factors = Factors(call.shape, kept);
    factors_first = kept.first_row / kBlock;
    if (call.factors.values == nullptr) scratch.tiles(2 * factors.depth * (in + out));
    dz = scratch.tiles(0);
  }

  bool keeps_factors() const { return call.factors.values != nullptr; }
  bool needs_factors() const { return call.dw != nullptr || keeps_factors(); }

  template <class Products>
  void run() {
    Products::begin();
    for (std::int64_t first = 0; first < call.rows; first += kRows) {
      rows = least(kRows, call.rows - first);
      blocks = blocks_of(rows);
      for (std::int64_t block = 0; block < blocks; ++block) unfold_gradient(first, block);
      if (call.input_gradient.g != nullptr) input_gradient<Products>(first);
      if (needs_factors()) {
        for (std::int64_t block = 0; block < blocks; ++block) activate(first, block);
      }
      if (call.dw != nullptr) weight_gradient<Products>();
      if (keeps_factors()) factors_first += blocks;
    }
    Products::end();
    if (sum != nullptr) save_sums();
  }

  void unfold_gradient(std::int64_t first, std::int64_t block) const {
    const std::int64_t channels = call.shape.out;
    Bfloat16* const tiles = dz + 2 * block * out * kTile;
    for (std::int64_t row = 0; row < kBlock; ++row) {
      const bool exists = block * kBlock + row < rows;
      const std::int64_t from = (first + block * kBlock + row) * channels;
      Bfloat16* const to = tiles + row / 16 * out * kTile + row % 16 * kGroup;
      for (std::int64_t g = 0; g < out; ++g) {
        __m512i words = _mm512_setzero_si512();
        if (exists) words = unfolded(from + g * kGroup, g);
        _mm512_storeu_si512(to + g * kTile, words);
      }
    }
    // Of calls that share rows, the first leaves dz.
    if (call.dw == nullptr && !(keeps_factors() && columns.begin == 0)) return;
    for (std::int64_t g = 0; g < out; ++g) transpose_gradient(tiles + g * kTile, block, g);
  }

  MOBIREG_INLINE __m512i unfolded(std::int64_t at, std::int64_t group) const {
    const __mmask32 mask = mask_of(call.shape.out, group);
    const Pair g = widen(load_words(call.g + at, mask));
    const Pair z = widen(load_words(call.z + at, mask));
    const Pair factor = load_ordered(scale + group * kGroup);
    const Pair tilt = load_ordered(slope + group * kGroup);
    const Pair added = load_ordered(constant + group * kGroup);
    return round_words(
        _mm512_fmadd_ps(g.even, factor.even, _mm512_fmadd_ps(z.even, tilt.even, added.even)),
        _mm512_fmadd_ps(g.odd, factor.odd, _mm512_fmadd_ps(z.odd, tilt.odd, added.odd)));
  }

  /// 32 rows of a group: from: their tiles in dz.
  void transpose_gradient(const Bfloat16* from, std::int64_t block, std::int64_t g) const {
    Bfloat16* const to = factors.dz + (2 * g * factors.depth + factors_first + block) * kTile;
    transpose_half<0>(from, to);
    transpose_half<4>(from, to);
  }

  /// kFirst: the first of the places in each half of a half of the group that are taken, four each.
  template <int kFirst>
  MOBIREG_INLINE void transpose_half(const Bfloat16* from, Bfloat16* to) const {
    __m512i pairs[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      const Bfloat16* const at = from + i / 8 * out * kTile + i % 8 * 2 * kGroup;
      const __m512i row = _mm512_loadu_si512(at);
      const __m512i next = _mm512_loadu_si512(at + kGroup);
      pairs[i] = kFirst == 0 ? _mm512_unpacklo_epi16(row, next) : _mm512_unpackhi_epi16(row, next);
    }
    transpose(pairs);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      const int channel = channel_at(i / 4 * 8 + kFirst + i % 4);
      _mm512_storeu_si512(to + channel / 16 * factors.depth * kTile + channel % 16 * kGroup,
                          pairs[i]);
    }
  }

  /// y of 32 rows.
  void activate(std::int64_t first, std::int64_t block) const {
    const std::int64_t channels = call.shape.in;
    for (int pair = 0; pair < 16; ++pair) {
      const std::int64_t row = block * kBlock + 2 * pair;
      const Bfloat16* const x = call.x + (first + row) * channels;
      Bfloat16* const to = factors.y + (factors_first + block) * kTile + pair * kGroup;
      for (std::int64_t g = columns.begin; g < columns.end; ++g) {
        const __mmask32 mask = mask_of(channels, g);
        __m512i words = _mm512_setzero_si512();
        __m512i next = _mm512_setzero_si512();
        if (row < rows) words = transform.words(load_words(x + g * kGroup, mask), g);
        if (row + 1 < rows) {
          next = transform.words(load_words(x + channels + g * kGroup, mask), g);
        }
        const Interleaved both = interleave(words, next);
        _mm512_storeu_si512(to + 2 * g * factors.depth * kTile, both.first);
        _mm512_storeu_si512(to + (2 * g + 1) * factors.depth * kTile, both.second);
      }
    }
  }

  template <class Products>
  void input_gradient(std::int64_t first) const {
    TileProduct tiles;
    tiles.steps = tiles.next = out;
    tiles.c = sums;
    for (std::int64_t column = columns.begin; column < columns.end; ++column) {
      tiles.b = reinterpret_cast<const Bfloat16*>(call.weight) + 2 * column * out * kTile;
      for (std::int64_t block = 0; block < blocks; ++block) {
        tiles.a = dz + 2 * block * out * kTile;
        const std::int64_t row = block * kBlock;
        const std::int64_t count = least(kBlock, rows - row);
        const std::int64_t at = (first + row) * call.shape.in + column * kGroup;
        fetch_group<true>(call.input_gradient.g + at, count, call.shape.in);
        fetch_group<false>(call.x + at, count, call.shape.in);
        Products::template multiply<false>(tiles);
        save_block(first + row, count, column);
      }
    }
  }

  /// Rounds a block of g, 0 where y was clipped; the sums are of the rounded values.
  void save_block(std::int64_t first, std::int64_t count, std::int64_t column) const {
    const std::int64_t channels = call.shape.in;
    const std::int64_t at = column * kGroup;
    const __mmask32 mask = mask_of(channels, column);
    const Pair factor = load_ordered(transform.scale + at);
    const Pair added = load_ordered(transform.offset + at);
    const Bfloat16* x = call.x + first * channels + at;
    Bfloat16* g = call.input_gradient.g + first * channels + at;
    Pair total = {};
    Pair products = {};
    const float* from = sums;
    for (std::int64_t row = 0; row < count; ++row, from += kBlock, x += channels, g += channels) {
      const Pair all = widen(round_words(_mm512_loadu_ps(from), _mm512_loadu_ps(from + 16)));
      const Pair value = widen(load_words(x, mask));
      const Pair passed = {unclipped(value.even, factor.even, added.even, all.even),
                           unclipped(value.odd, factor.odd, added.odd, all.odd)};
      _mm512_mask_storeu_epi16(g, mask, join_words(passed));
      total = {total.even + passed.even, total.odd + passed.odd};
      products = {_mm512_fmadd_ps(passed.even, value.even, products.even),
                  _mm512_fmadd_ps(passed.odd, value.odd, products.odd)};
    }
    if (sum != nullptr) add_sums(at, total, products);
  }

  MOBIREG_INLINE __m512 unclipped(__m512 x, __m512 factor, __m512 added, __m512 gradient) const {
    const __m512 value = _mm512_fmadd_ps(x, factor, added);
    const __mmask16 above = _mm512_cmp_ps_mask(value, transform.low, _CMP_GT_OQ);
    return _mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask(above, value, transform.high, _CMP_LT_OQ),
                               gradient);
  }

  /// products: of g and x, from which the mean is still to be taken.
  MOBIREG_INLINE void add_sums(std::int64_t at, Pair total, Pair products) const {
    const Pair middle = load_ordered(mean + at);
    const Pair sum_before = load_ordered(sum + at);
    const Pair product_before = load_ordered(product + at);
    store_ordered(sum + at, {sum_before.even + total.even, sum_before.odd + total.odd});
    const __m512 even = _mm512_fnmadd_ps(middle.even, total.even, products.even);
    const __m512 odd = _mm512_fnmadd_ps(middle.odd, total.odd, products.odd);
    store_ordered(product + at, {product_before.even + even, product_before.odd + odd});
  }

  template <class Products>
  void weight_gradient() const {
    const WeightGradient<Products> gradient{call.shape, factors, factors_first,
                                            blocks,     call.dw, sums};
    for (std::int64_t row = 0; row < out; ++row) {
      const std::int64_t end = least(kBlock, call.shape.out - row * kBlock);
      for (std::int64_t column = columns.begin; column < columns.end; ++column) {
        gradient.template block<true>(row, column, 0, end);
      }
    }
  }

  void save_sums() const {
    for (std::int64_t g = columns.begin; g < columns.end; ++g) {
      const std::int64_t at = g * kGroup;
      const __mmask32 mask = mask_of(call.shape.in, g);
      store_pair(call.input_gradient.sum + at, load_ordered(sum + at), mask);
      store_pair(call.input_gradient.product + at, load_ordered(product + at), mask);
    }
  }
};

}  // namespace

template <class Products>
void pointwise_backward(const PointwiseBackwardOf<Bfloat16>& call) {
  Backward(call).run<Products>();
}

template <class Products>
void pointwise_weight_gradient(const PointwiseWeightGradient& call) {
  alignas(64) float sums[kBlock * kBlock];
  const Factors factors(call.shape, call.factors);
  const WeightGradient<Products> gradient{call.shape, factors, 0, factors.depth, call.dw, sums};
  const std::int64_t first = call.channels.begin;
  const std::int64_t last = call.channels.end > 0 ? call.channels.end : call.shape.out;
  Products::begin();
  for (std::int64_t row = first / kBlock; row * kBlock < last; ++row) {
    const std::int64_t begin = first > row * kBlock ? first - row * kBlock : 0;
    const std::int64_t end = least(kBlock, last - row * kBlock);
    for (std::int64_t column = 0; column < groups_of(call.shape.in); ++column) {
      gradient.template block<false>(row, column, begin, end);
    }
  }
  Products::end();
}

template void pointwise_backward<DotProducts>(const PointwiseBackwardOf<Bfloat16>&);
template void pointwise_backward<Amx>(const PointwiseBackwardOf<Bfloat16>&);
template void pointwise_weight_gradient<DotProducts>(const PointwiseWeightGradient&);
template void pointwise_weight_gradient<Amx>(const PointwiseWeightGradient&);

}  // namespace mobireg::MOBIREG_ISA
