#include "kernels/bfloat16/pointwise.h"

#include "kernels/bfloat16/pointwise_layout.h"

namespace mobireg::MOBIREG_ISA {

std::int64_t pointwise_packed(const PointwiseShape& shape) {
  return groups_of(shape.in) * groups_of(shape.out) * kTile;  // two tiles, two Bfloat16 a float
}

void pack_pointwise_part(const PointwiseShape& shape, const ChannelRange& channels,
                         const float* weight, float* packed) {
  const Groups columns(channels, shape.out);
  const std::int64_t steps = groups_of(shape.in);
  auto* const tiles = reinterpret_cast<Bfloat16*>(packed);
  for (std::int64_t column = columns.begin * kGroup; column < columns.end * kGroup; column += 16) {
    for (std::int64_t step = 0; step < steps; ++step) {
      __m512i rows[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) {
        const bool exists = column + i < shape.out;
        const float* const from = weight + (exists ? column + i : 0) * shape.in + step * kGroup;
        const Pair values = load_pair(from, exists ? mask_of(shape.in, step) : 0);
        rows[i] = round_words(values.even, values.odd);
      }
      transpose(rows);
      Bfloat16* const tile = tiles + (column / 16 * steps + step) * kTile;
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) _mm512_storeu_si512(tile + i * kGroup, rows[i]);
    }
  }
}

void pack_pointwise_transposed_part(const PointwiseShape& shape, const ChannelRange& channels,
                                    const float* weight, float* packed) {
  const Groups columns(channels, shape.in);
  const std::int64_t steps = groups_of(shape.out);
  auto* const tiles = reinterpret_cast<Bfloat16*>(packed);
  const auto words = [&](std::int64_t row, std::int64_t g) __attribute__((always_inline)) {
    const bool exists = row < shape.out;
    const float* const from = weight + (exists ? row : 0) * shape.in + g * kGroup;
    const Pair values = load_pair(from, exists ? mask_of(shape.in, g) : 0);
    return round_words(values.even, values.odd);
  };
  for (std::int64_t step = 0; step < steps; ++step) {
    for (int pair = 0; pair < 16; ++pair) {
      const std::int64_t row = step * kGroup + channel_at(2 * pair);
      const std::int64_t next = step * kGroup + channel_at(2 * pair + 1);
      for (std::int64_t g = columns.begin; g < columns.end; ++g) {
        const Interleaved both = interleave(words(row, g), words(next, g));
        Bfloat16* const to = tiles + (2 * g * steps + step) * kTile + pair * kGroup;
        _mm512_storeu_si512(to, both.first);
        _mm512_storeu_si512(to + steps * kTile, both.second);
      }
    }
  }
}

void pack_pointwise(const PointwiseShape& shape, const float* weight, float* packed) {
  pack_pointwise_part(shape, {}, weight, packed);
}

void pack_pointwise_transposed(const PointwiseShape& shape, const float* weight, float* packed) {
  pack_pointwise_transposed_part(shape, {}, weight, packed);
}

// Wide layers have few rows: enough blocks for a few threads are more than few blocks.
std::int64_t pointwise_block(const PointwiseShape& shape) {
  return shape.in + shape.out >= 1280 ? kRows / 2 : kRows;
}

// What the backward pass takes, which is more.
std::int64_t pointwise_scratch(const PointwiseShape& shape, std::int64_t rows) {
  const std::int64_t in = groups_of(shape.in);
  const std::int64_t out = groups_of(shape.out);
  const std::int64_t blocks = blocks_of(least(rows, kRows));
  const std::int64_t tiles = 2 * blocks * (in + 2 * out);
  return tiles * kTile / 2 + 5 * (in + out) * kGroup + 2 * kBlock * kBlock;
}

std::int64_t pointwise_factors(const PointwiseShape& shape, std::int64_t rows) {
  return 2 * blocks_of(rows) * (groups_of(shape.in) + groups_of(shape.out)) * kTile / 2;
}

}  // namespace mobireg::MOBIREG_ISA
