#include "augmentation/noise.h"

#include <array>
#include <cmath>
#include <vector>

#include "augmentation/distributions.h"
#include "core/philox.h"

namespace mobireg {
namespace {

constexpr int kBlock = NoiseStream::kBlock;

std::vector<double> normals(Random random, int blocks) {
  NoiseStream stream(random);
  std::array<float, kBlock> block{};
  std::vector<double> values;
  for (int i = 0; i < blocks; ++i) {
    stream.normals(block.data());
    values.insert(values.end(), block.begin(), block.end());
  }
  return values;
}

/// Times the root of their number: normal with a standard deviation of 1 for independent values.
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / std::sqrt(static_cast<double>(a.size()));
}

TEST_CASE("a noise stream is Philox at consecutive counters under two words of its source") {
  Random random(7, 3, 11);
  Random same(7, 3, 11);
  const std::array<std::uint32_t, 2> key{same.next(), same.next()};
  NoiseStream stream(random);
  CHECK(random.next() == same.next());
  std::array<std::uint32_t, kBlock> words{};
  for (std::uint32_t first : {0U, 64U, 128U}) {
    stream.words(words.data());
    for (std::uint32_t i = 0; i < 64; ++i) {
      const auto expected = philox4x32_10({first + i, 0, 0, 0}, key);
      for (std::uint32_t j = 0; j < 4; ++j) REQUIRE(words[64 * j + i] == expected[j]);
    }
  }
}

TEST_CASE("normal noise is normal") {
  const std::vector<double> values = normals(Random(1), 4096);
  const double root = std::sqrt(static_cast<double>(values.size()));
  CHECK(kolmogorov_smirnov(values, normal_cdf) < 1.95);
  // The standard deviations of these means are 1, sqrt(2), sqrt(15) and sqrt(96) over the root.
  CHECK(std::abs(mean_of(values, [](double x) { return x; })) * root < 4.5);
  CHECK(std::abs(mean_of(values, [](double x) { return x * x - 1; })) * root < 4.5 * 1.4143);
  CHECK(std::abs(mean_of(values, [](double x) { return x * x * x; })) * root < 4.5 * 3.873);
  CHECK(std::abs(mean_of(values, [](double x) { return std::pow(x, 4) - 3; })) * root < 4.5 * 9.8);
}

TEST_CASE("normal noise has the tail of the normal distribution, and ends") {
  const std::vector<double> values = normals(Random(2), 16384);
  std::size_t beyond_4 = 0;
  std::size_t beyond_5 = 0;
  for (const double value : values) {
    REQUIRE(std::abs(value) < 6.7);  // false for NaN
    beyond_4 += std::abs(value) > 4;
    beyond_5 += std::abs(value) > 5;
  }
  const double expected = 2 * normal_cdf(-4) * static_cast<double>(values.size());
  CHECK(std::abs(static_cast<double>(beyond_4) - expected) < 4.5 * std::sqrt(expected));
  CHECK(beyond_5 > 0);  // 2.4 expected
  CHECK(beyond_5 < 12);
}

TEST_CASE("noise of neighbouring images and neighbouring pixels is independent") {
  const int blocks = 512;
  const std::vector<double> first = normals(Random(1, 0, 0), blocks);
  for (const Random& other : {Random(1, 0, 1), Random(1, 1, 0), Random(2, 0, 0)}) {
    CHECK(std::abs(correlation(first, normals(other, blocks))) < 4.5);
  }
  for (const std::size_t distance : {1, 32, 33, 64, 128, 256}) {
    const std::vector<double> moved(first.begin() + static_cast<std::ptrdiff_t>(distance),
                                    first.end());
    CHECK(std::abs(correlation(moved, first)) < 4.5);
  }
  // Cosine and sine of one angle have the same radius, which must not show.
  std::vector<double> squares;
  std::vector<double> partners;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (i % 128 >= 64) continue;
    squares.push_back((first[i] * first[i] - 1) / std::sqrt(2.0));
    partners.push_back((first[i + 64] * first[i + 64] - 1) / std::sqrt(2.0));
  }
  CHECK(std::abs(correlation(squares, partners)) < 4.5);
}

TEST_CASE("uniform noise is uniform in [0, 1)") {
  Random random(3);
  NoiseStream stream(random);
  std::array<float, kBlock> block{};
  std::vector<double> values;
  for (int i = 0; i < 1024; ++i) {
    stream.uniforms(block.data());
    values.insert(values.end(), block.begin(), block.end());
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  CHECK(*low >= 0);
  CHECK(*high < 1);
  CHECK(kolmogorov_smirnov(values, uniform_cdf) < 1.95);
}

}  // namespace
}  // namespace mobireg
