#include "augmentation/noise.h"

#include "augmentation/vector_math.h"
#include "core/cpu_dispatch.h"
#include "core/philox.h"

namespace mobireg {
namespace {

constexpr int kCounters = NoiseStream::kBlock / 4;

/// One of the ten rounds of core/philox.h, in scalars: arrays would keep the loop around it from
/// becoming vector code.
inline void philox_round(std::uint32_t& c0, std::uint32_t& c1, std::uint32_t& c2, std::uint32_t& c3,
                         std::uint32_t key0, std::uint32_t key1) {
  const std::uint64_t product0 = std::uint64_t{kPhiloxMultiplier0} * c0;
  const std::uint64_t product1 = std::uint64_t{kPhiloxMultiplier1} * c2;
  c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ key0;
  c1 = static_cast<std::uint32_t>(product1);
  c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ key1;
  c3 = static_cast<std::uint32_t>(product0);
}

MOBIREG_CPU_CLONES
void philox_block(std::uint32_t first, std::uint32_t key0, std::uint32_t key1,
                  std::uint32_t* __restrict out) {
  for (std::uint32_t i = 0; i < kCounters; ++i) {
    std::uint32_t c0 = first + i;
    std::uint32_t c1 = 0;
    std::uint32_t c2 = 0;
    std::uint32_t c3 = 0;
#pragma GCC unroll 10
    for (std::uint32_t round = 0; round < 10; ++round) {
      philox_round(c0, c1, c2, c3, key0 + round * kPhiloxWeyl0, key1 + round * kPhiloxWeyl1);
    }
    out[i] = c0;
    out[kCounters + i] = c1;
    out[2 * kCounters + i] = c2;
    out[3 * kCounters + i] = c3;
  }
}

/// Box-Muller: the first word of a pair gives the radius, the second the angle.
MOBIREG_CPU_CLONES
void box_muller(const std::uint32_t* __restrict radius_words,
                const std::uint32_t* __restrict angle_words, float* __restrict cosines,
                float* __restrict sines) {
  for (int i = 0; i < kCounters; ++i) {
    // Above 0, so that the logarithm is finite; rounding may make it 1.
    const auto bits = static_cast<std::int32_t>(radius_words[i] >> 1);
    const float u = (static_cast<float>(bits) + 0.5F) * 0x1p-31F;
    const float radius = vector_math::sqrt(-2.0F * vector_math::log(u));
    const vector_math::SinCos angle = vector_math::sin_cos_of_turn(angle_words[i]);
    cosines[i] = radius * angle.cos;
    sines[i] = radius * angle.sin;
  }
}

}  // namespace

NoiseStream::NoiseStream(Random& random) : key_{random.next(), random.next()} {}

void NoiseStream::words(std::uint32_t* out) {
  philox_block(counter_, key_[0], key_[1], out);
  counter_ += kCounters;
}

void NoiseStream::normals(float* out) {
  std::array<std::uint32_t, kBlock> block{};
  words(block.data());
  for (int half = 0; half < 2; ++half) {
    const int at = half * 2 * kCounters;
    box_muller(block.data() + at, block.data() + at + kCounters, out + at, out + at + kCounters);
  }
}

void NoiseStream::uniforms(float* out) {
  std::array<std::uint32_t, kBlock> block{};
  words(block.data());
  for (int i = 0; i < kBlock; ++i) {
    out[i] = static_cast<float>(static_cast<std::int32_t>(block[i] >> 8)) * 0x1p-24F;
  }
}

}  // namespace mobireg
