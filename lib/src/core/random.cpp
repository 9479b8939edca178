#include "mobireg/core/random.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "core/philox.h"

namespace mobireg {

Random::Random(std::uint64_t seed, std::uint32_t epoch, std::uint64_t index)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, epoch, static_cast<std::uint32_t>(index),
               static_cast<std::uint32_t>(index >> 32)} {}

void Random::refill() {
  block_ = philox4x32_10(counter_, key_);
  ++counter_[0];
  used_ = 0;
}

std::uint32_t Random::next() {
  if (used_ == 4) refill();
  return block_[used_++];
}

double Random::uniform() {
  const std::uint64_t high = next();
  const std::uint64_t bits = (high << 32 | next()) >> 11;
  return static_cast<double>(bits) * 0x1.0p-53;
}

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal() {
  constexpr double kTwoPi = 6.283185307179586;
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(kTwoPi * uniform());
}

std::uint64_t Random::below(std::uint64_t n) {
  // Values under this threshold would make the first results too likely.
  const std::uint64_t threshold = -n % n;
  while (true) {
    const std::uint64_t high = next();
    const unsigned __int128 product = static_cast<unsigned __int128>(high << 32 | next()) * n;
    if (static_cast<std::uint64_t>(product) >= threshold) {
      return static_cast<std::uint64_t>(product >> 64);
    }
  }
}

std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
  for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::uint64_t mixed = seed + hash;  // SplitMix64's finaliser
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

std::vector<std::int64_t> permutation(std::int64_t n, Random& random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

}  // namespace mobireg
