#pragma once

#include "kernels/isa.h"

// One tile of a matrix product c = a b with its sums in registers: a's elements are broadcast, b's
// rows loaded, `vectors` registers wide. The callers decide what becomes of the sums.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kFloatsInLine = 16;  // of the cache
constexpr int kPanelVectors = 2;
constexpr int kPanel = kPanelVectors * kLanes;  // columns of b that a tile takes

// Rows that, with the row of b and one broadcast, fill the registers.
template <int vectors>
#if defined(__AVX512F__)
constexpr int kTileRows = 14;
#elif defined(__aarch64__)
constexpr int kTileRows = 12;
#else
constexpr int kTileRows = vectors == 1 ? 12 : 6;
#endif

// Steps of the depth in one pass of the loop; more pay where a step is few instructions.
constexpr int kUnrolled = kLanes == 16 ? 1 : 4;

enum class Left { kRows, kColumns };  // which of a's directions is dense

struct Product {
  const float* a = nullptr;  // kRows: a[row * a_stride + k], kColumns: a[k * a_stride + row]
  std::int64_t a_stride = 0;
  const float* b = nullptr;  // a panel: b[k * (the tile's columns) + column]
  std::int64_t depth = 0;
  float* c = nullptr;  // c[row * c_stride + column]: where the caller will put the sums
  std::int64_t c_stride = 0;
  // What will be read next, not here: a line is fetched each step of the depth. Null: nothing.
  const float* ahead = nullptr;
};

template <int rows, int vectors, Left left, bool fetch_ahead>
MOBIREG_INLINE void multiply_add_steps(const Product& product, Vector (&sums)[rows][vectors]) {
  // Three rows share a pointer: one for each row would be more than there are registers.
  constexpr int kShared = 3;
  constexpr int kPointers = left == Left::kRows ? (rows + kShared - 1) / kShared : 1;
  const std::int64_t stride = product.a_stride;
  const float* a[kPointers];
#pragma GCC unroll 8
  for (int i = 0; i < kPointers; ++i) {
    a[i] = product.a + kShared * i * stride;
    asm("" : "+r"(a[i]));  // keeps the compiler from undoing that
  }
  const float* b = product.b;
  const float* ahead = product.ahead;
#pragma GCC unroll kUnrolled
  for (std::int64_t k = 0; k < product.depth; ++k) {
    Vector right[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) right[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int row = 0; row < rows; ++row) {
      const float value =
          left == Left::kRows ? a[row / kShared][row % kShared * stride] : a[0][row];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sums[row][v] = sums[row][v] + right[v] * value;
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; ++i) a[i] += left == Left::kRows ? 1 : stride;
    b += vectors * kLanes;
    if (fetch_ahead) __builtin_prefetch(ahead, 0, 2);
    if (fetch_ahead) ahead += kFloatsInLine;
  }
}

template <int rows, int vectors, Left left>
MOBIREG_INLINE void multiply_add(const Product& product, Vector (&sums)[rows][vectors]) {
  if (product.ahead != nullptr) {
    multiply_add_steps<rows, vectors, left, true>(product, sums);
  } else {
    multiply_add_steps<rows, vectors, left, false>(product, sums);
  }
}

// Asks for the lines of a tile, `at[row * stride + column]`, before its products are made: what is
// read or written after them is then there.
template <int rows, int vectors>
MOBIREG_INLINE void fetch(const float* at, std::int64_t stride) {
#pragma GCC unroll 16
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) __builtin_prefetch(at + row * stride + v * kLanes);
  }
}

template <int rows, int vectors>
MOBIREG_INLINE void clear(Vector (&sums)[rows][vectors]) {
#pragma GCC unroll 16
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sums[row][v] = Vector{};
  }
}

// Calls tile.run<rows>() with the number of rows given at run time.
template <int rows, class Tile>
MOBIREG_INLINE void run_rows(int wanted, const Tile& tile) {
  if constexpr (rows == 1) {
    tile.template run<1>();
  } else {
    if (wanted == rows) return tile.template run<rows>();
    run_rows<rows - 1>(wanted, tile);
  }
}

// Cuts `total` into parts of at most `most` that differ by one at most: no part is a small rest.
class EvenParts {
 public:
  EvenParts(std::int64_t total, std::int64_t most)
      : left_(static_cast<int>(total)), parts_(static_cast<int>((total + most - 1) / most)) {}

  // The next part's size; 0: that was all.
  int next() {
    if (parts_ == 0) return 0;
    const int size = (left_ + parts_ - 1) / parts_;
    left_ -= size;
    --parts_;
    return size;
  }

  bool at_end() const { return parts_ == 0; }

 private:
  int left_;
  int parts_;
};

}  // namespace mobireg::MOBIREG_ISA
