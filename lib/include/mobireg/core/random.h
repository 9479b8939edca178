#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mobireg {

/// A counter-based random stream: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
/// numbers: as easy as 1, 2, 3", 2011). What it yields is a function of (seed, epoch, index) alone,
/// so any thread can draw any sample's numbers at any time. The distributions are our own because
/// those of the standard library differ from one implementation to the next.
class Random {
 public:
  /// `seed`: of the run and the purpose (see `derive_seed`). `epoch`: pass over the data.
  /// `index`: position of the draw within the pass.
  explicit Random(std::uint64_t seed, std::uint32_t epoch = 0, std::uint64_t index = 0);

  std::uint32_t next();

  /// In [0, 1), 53 random bits.
  double uniform();

  /// In [low, high).
  double uniform(double low, double high);

  /// Mean 0, standard deviation 1 (Box-Muller).
  double normal();

  /// In [0, n), without bias (Lemire, 2019). `n` is at least 1.
  std::uint64_t below(std::uint64_t n);

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

/// A seed for one purpose ("shuffle", "augment", ...) of a run; purposes never share numbers.
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose);

/// The numbers 0 to n-1 in random order (Fisher-Yates).
std::vector<std::int64_t> permutation(std::int64_t n, Random& random);

}  // namespace mobireg
