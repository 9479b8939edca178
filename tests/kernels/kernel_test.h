#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/kernels.h"

namespace mobireg {

/// Floats at a 64-byte boundary that check, when they go, that nothing was written beside them.
class Guarded {
 public:
  /// NaN: what is not written shows.
  explicit Guarded(std::int64_t count, float value = NAN)
      : count_(static_cast<std::size_t>(count)), memory_(count_ + 3 * kGuard, kUntouched) {
    const auto past = reinterpret_cast<std::uintptr_t>(memory_.data()) / sizeof(float) % kGuard;
    begin_ = kGuard + (kGuard - past);
    for (float& each : *this) each = value;
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    bool untouched = true;
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      const bool inside = i >= begin_ && i < begin_ + count_;
      untouched = untouched && (inside || memory_[i] == kUntouched);
    }
    CHECK(untouched);
  }

  /// Uniform in [low, high).
  Guarded& fill(std::uint32_t seed, float low, float high) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(low, high);
    for (float& each : *this) each = uniform(random);
    return *this;
  }

  float* data() { return memory_.data() + begin_; }
  const float* data() const { return memory_.data() + begin_; }
  float* begin() { return data(); }
  float* end() { return data() + count_; }
  std::int64_t size() const { return static_cast<std::int64_t>(count_); }
  float operator[](std::int64_t i) const { return data()[i]; }

 private:
  static constexpr std::size_t kGuard = 16;  // floats: 64 bytes
  static constexpr float kUntouched = 12345.678F;

  std::size_t count_;
  std::vector<float> memory_;
  std::size_t begin_ = 0;
};

/// The largest difference, as a share of the largest expected value; NaN if there is one.
template <class Expected>
double relative_difference(const Guarded& found, const Expected& expected) {
  double difference = 0;
  double largest = 1e-30;
  for (std::int64_t i = 0; i < found.size(); ++i) {
    const double apart = std::abs(found[i] - static_cast<double>(expected[i]));
    if (std::isnan(apart)) return apart;
    difference = std::max(difference, apart);
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return difference / largest;
}

/// Calls body(kernels) for all instruction sets that this processor has.
template <class Body>
void for_kernels(Body&& body) {
  int count = 0;
  const Kernels* const* all = all_kernels(count);
  for (int i = 0; i < count; ++i) {
    CAPTURE(all[i]->name);
    body(*all[i]);
  }
}

}  // namespace mobireg
