#pragma once

#include <array>
#include <cstdint>

#include "mobireg/core/random.h"

namespace mobireg {

/// Random numbers by the block, for whole images: Philox4x32-10 over consecutive counters, many at
/// a time, under a key drawn from `random`. The words are the same on every machine; numbers made
/// of them differ by rounding between instruction sets.
class NoiseStream {
 public:
  static constexpr int kBlock = 256;

  /// Draws two words.
  explicit NoiseStream(Random& random);

  /// 32 random bits each: word j of counter l of the block's 64 is at 64 j + l.
  void words(std::uint32_t* out);

  /// Mean 0, standard deviation 1, up to 6.6 either way (Box-Muller).
  void normals(float* out);

  /// In [0, 1), 24 random bits.
  void uniforms(float* out);

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t counter_ = 0;
};

}  // namespace mobireg
