#include "mobireg/core/random.h"

#include <ATen/core/PhiloxRNGEngine.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "core/philox.h"

namespace mobireg {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;
using Counts = std::vector<std::int64_t>;

/// Sum of (observed - expected)^2 / expected against equal chances: about the number of cells.
double chi_square(const Counts& counts) {
  const double draws = static_cast<double>(std::accumulate(counts.begin(), counts.end(), 0L));
  const double expected = draws / static_cast<double>(counts.size());
  double sum = 0;
  for (const std::int64_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

/// Within 4.5 standard deviations of the statistic, which has `cells - 1` degrees of freedom: also
/// counts that are more even than chance makes them are refused.
bool equally_likely(const Counts& counts) {
  const double freedom = static_cast<double>(counts.size()) - 1;
  return std::abs(chi_square(counts) - freedom) < 4.5 * std::sqrt(2 * freedom);
}

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  const auto [counter, key, words] = GENERATE(table<Counter, Key, Counter>({
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  }));
  CHECK(philox4x32_10(counter, key) == words);
}

TEST_CASE("a stream is the one that PyTorch's generator has at the same counter") {
  const auto [seed, epoch, index] = GENERATE(table<std::uint64_t, std::uint32_t, std::uint64_t>(
      {{0, 0, 0}, {1, 0, 0}, {0x0123456789abcdef, 7, 0xfedcba9876543210}, {1, 0xffffffff, 3}}));
  Random random(seed, epoch, index);
  at::Philox4_32 reference(seed, index, std::uint64_t{epoch} << 32);
  for (int i = 0; i < 100; ++i) REQUIRE(random.next() == reference());
}

TEST_CASE("streams of different seeds, epochs and indices share nothing") {
  std::map<std::uint64_t, int> firsts;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint32_t epoch = 0; epoch < 10; ++epoch) {
      for (std::uint64_t index = 0; index < 10; ++index) {
        Random random(seed, epoch, index);
        const std::uint64_t high = random.next();
        ++firsts[high << 32 | random.next()];
      }
    }
  }
  CHECK(firsts.size() == 1000);
}

TEST_CASE("uniform numbers are spread evenly over their interval") {
  Random random(1);
  Counts counts(100);
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.uniform(-2, 3);
    REQUIRE(value >= -2);
    REQUIRE(value < 3);
    ++counts[static_cast<std::size_t>((value + 2) * 20)];
  }
  CHECK(equally_likely(counts));
}

TEST_CASE("uniform numbers use all 53 bits") {
  Random random(2);
  Counts counts(16);
  for (int i = 0; i < 16'000; ++i) {
    const auto bits = static_cast<std::uint64_t>(random.uniform() * 0x1.0p53);
    ++counts[bits % 16];
  }
  CHECK(equally_likely(counts));
}

TEST_CASE("successive uniform numbers do not depend on each other") {
  Random random(3);
  Counts counts(100);
  for (int i = 0; i < 100'000; ++i) {
    const auto first = static_cast<std::size_t>(random.uniform() * 10);
    ++counts[first * 10 + static_cast<std::size_t>(random.uniform() * 10)];
  }
  CHECK(equally_likely(counts));
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
  Random random(4);
  constexpr int kDraws = 200'000;
  std::array<double, 5> moments{};
  int within_one = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.normal();
    REQUIRE(std::isfinite(value));
    for (int power = 1; power <= 4; ++power) moments[power] += std::pow(value, power) / kDraws;
    within_one += std::abs(value) < 1;
  }
  // Five standard deviations of each estimate.
  const double unit = 5 / std::sqrt(kDraws);
  CHECK(std::abs(moments[1]) < unit);
  CHECK(std::abs(moments[2] - 1) < unit * std::sqrt(2));
  CHECK(std::abs(moments[3]) < unit * std::sqrt(15));
  CHECK(std::abs(moments[4] - 3) < unit * std::sqrt(96));
  CHECK(std::abs(within_one / double{kDraws} - 0.682689) < unit * 0.4655);
}

TEST_CASE("whole numbers below n are equally likely") {
  const std::uint64_t n = GENERATE(2, 6, 10, 97);
  Random random(5);
  Counts counts(n);
  for (int i = 0; i < 60'000; ++i) ++counts.at(random.below(n));
  CHECK(equally_likely(counts));
}

TEST_CASE("there is only one number below 1") { CHECK(Random(6).below(1) == 0); }

TEST_CASE("a large n brings no bias") {
  // Of the 2^64 words, two fall on every third result below this n and one on each of the others:
  // without rejection the remainders would come 2 : 1 : 1.
  constexpr std::uint64_t kThreeQuarters = 0xC000000000000000;
  Random random(7);
  Counts counts(3);
  for (int i = 0; i < 30'000; ++i) ++counts[random.below(kThreeQuarters) % 3];
  CHECK(equally_likely(counts));
}

TEST_CASE("a purpose's seed depends on the run's seed and on the purpose") {
  std::map<std::uint64_t, int> seeds;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const char* purpose : {"shuffle", "augmentation", "split", "weights", ""}) {
      ++seeds[derive_seed(seed, purpose)];
    }
  }
  CHECK(seeds.size() == 500);
  CHECK(derive_seed(1, "shuffle") == derive_seed(1, "shuffle"));
}

TEST_CASE("a permutation holds every number once") {
  const std::int64_t n = GENERATE(0, 1, 2, 3, 1000);
  Random random(8);
  std::vector<std::int64_t> order = permutation(n, random);
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(n));
  std::iota(numbers.begin(), numbers.end(), 0);
  CHECK(order == numbers);
}

TEST_CASE("permutations differ by seed and by epoch, and come again with both") {
  const auto order = [](std::uint64_t seed, std::uint32_t epoch) {
    Random random(seed, epoch);
    return permutation(100, random);
  };
  CHECK(order(1, 0) == order(1, 0));
  CHECK(order(1, 0) != order(2, 0));
  CHECK(order(1, 0) != order(1, 1));
}

TEST_CASE("all orders of four numbers are equally likely") {
  std::map<std::vector<std::int64_t>, std::int64_t> orders;
  Random random(9);
  for (int i = 0; i < 24'000; ++i) ++orders[permutation(4, random)];
  Counts counts;
  for (const auto& order : orders) counts.push_back(order.second);
  REQUIRE(counts.size() == 24);
  CHECK(equally_likely(counts));
}

}  // namespace
}  // namespace mobireg
