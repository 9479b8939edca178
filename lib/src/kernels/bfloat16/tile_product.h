#pragma once

#include "kernels/bfloat16/vector.h"

// Products of matrices of Bfloat16, summed up as floats. Both lie in tiles of 1 KB, those of one
// row (or column) of tiles one after the other: of the left matrix 16 rows of 32 of the depth, of
// the right one 16 pairs of the depth, each of 16 columns with the pair's two values side by side.

namespace mobireg::MOBIREG_ISA {

constexpr std::int64_t kTile = 512;  // Bfloat16
constexpr int kBlock = 32;           // rows and columns of a product

/// c = a b, or c += a b: two by two tiles.
struct TileProduct {
  const Bfloat16* a = nullptr;  // the first row of tiles
  const Bfloat16* b = nullptr;  // the first column of tiles
  std::int64_t steps = 0;       // tiles of the depth
  std::int64_t next = 0;        // tiles to the second row or column
  float* c = nullptr;
  std::int64_t c_stride = kBlock;
};

/// By the dot products of AVX512-BF16.
struct DotProducts {
  static void begin() {}
  static void end() {}

  template <bool kAdd>
  static void multiply(const TileProduct& product) {
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        multiply_tiles<kAdd>(product, product.a + i * product.next * kTile,
                             product.b + j * product.next * kTile,
                             product.c + i * 16 * product.c_stride + j * 16);
      }
    }
  }

 private:
  typedef int Word2 __attribute__((may_alias));

  template <bool kAdd>
  static void multiply_tiles(const TileProduct& product, const Bfloat16* a, const Bfloat16* b,
                             float* c) {
    __m512 sums[16];
#pragma GCC unroll 16
    for (int row = 0; row < 16; ++row) {
      sums[row] = kAdd ? _mm512_loadu_ps(c + row * product.c_stride) : _mm512_setzero_ps();
    }
    for (std::int64_t step = 0; step < product.steps; ++step, a += kTile, b += kTile) {
#pragma GCC unroll 1
      for (int pair = 0; pair < 16; ++pair) {
        const __m512i right = _mm512_loadu_si512(b + pair * 32);
        const Word2* const left = reinterpret_cast<const Word2*>(a) + pair;
#pragma GCC unroll 16
        for (int row = 0; row < 16; ++row) {
          sums[row] = _mm512_dpbf16_ps(sums[row], (__m512bh)_mm512_set1_epi32(left[row * 16]),
                                       (__m512bh)right);
        }
      }
    }
#pragma GCC unroll 16
    for (int row = 0; row < 16; ++row) _mm512_storeu_ps(c + row * product.c_stride, sums[row]);
  }
};

/// By AMX, where the system lets this process use it.
struct Amx {
  /// On each thread, before its first product.
  static void begin() {
    struct alignas(64) {
      std::uint8_t palette = 1;
      std::uint8_t unused[15] = {};
      std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } const configuration;
    _tile_loadconfig(&configuration);
  }

  static void end() { _tile_release(); }

  template <bool kAdd>
  static void multiply(const TileProduct& product) {
    const std::int64_t stride = product.c_stride * static_cast<std::int64_t>(sizeof(float));
    float* const below = product.c + 16 * product.c_stride;
    asm volatile("" : : : "memory");  // the compiler doesn't know what the loads read
    if (kAdd) {
      _tile_loadd(0, product.c, stride);
      _tile_loadd(1, product.c + 16, stride);
      _tile_loadd(2, below, stride);
      _tile_loadd(3, below + 16, stride);
    } else {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
    }
    const Bfloat16* a = product.a;
    const Bfloat16* b = product.b;
    const std::int64_t next = product.next * kTile;
    for (std::int64_t step = 0; step < product.steps; ++step, a += kTile, b += kTile) {
      _tile_loadd(4, a, 64);
      _tile_loadd(6, b, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, b + next, 64);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, a + next, 64);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, product.c, stride);
    _tile_stored(1, product.c + 16, stride);
    _tile_stored(2, below, stride);
    _tile_stored(3, below + 16, stride);
  }
};

}  // namespace mobireg::MOBIREG_ISA
