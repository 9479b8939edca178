#include "augmentation/vector_math.h"

#include <cmath>

namespace mobireg::vector_math {
namespace {

/// f(value) over `count` positive floats, evenly spaced in their bits from `low` to `high`.
template <class Function>
void for_each_float(float low, float high, std::uint32_t count, Function f) {
  const std::uint32_t first = bits_of(low);
  const std::uint32_t step = (bits_of(high) - first) / count;
  for (std::uint32_t i = 0; i <= count; ++i) f(float_of(first + i * step));
}

TEST_CASE("log is right to 2e-7") {
  for_each_float(1e-37F, 1e37F, 200000, [](float x) {
    const double exact = std::log(static_cast<double>(x));
    REQUIRE(std::abs(log(x) - exact) <= 2e-7 * std::max(1.0, std::abs(exact)));
  });
  // The radius of normal noise is sqrt(-2 log): never of a negative number.
  for_each_float(0x1p-33F, 1, 200000, [](float x) { REQUIRE(log(x) <= 0); });
  CHECK(log(1) == 0);
}

TEST_CASE("exp of what is not positive is right to 2e-7, and runs out at 0") {
  for_each_float(1e-6F, 86, 200000, [](float x) {
    const double exact = std::exp(-static_cast<double>(x));
    REQUIRE(exp_of_negative(-x) == Approx(exact).epsilon(2e-7).margin(1e-37));
  });
  CHECK(exp_of_negative(0) == 1);
  CHECK(exp_of_negative(-100) == 0);
  CHECK(exp_of_negative(-1e6F) == 0);
}

TEST_CASE("sqrt is right to 2e-7") {
  for_each_float(1e-30F, 1e30F, 200000, [](float x) {
    REQUIRE(sqrt(x) == Approx(std::sqrt(static_cast<double>(x))).epsilon(2e-7));
  });
  CHECK(sqrt(0) == 0);
}

TEST_CASE("sine and cosine of any part of a turn are right to 2e-7") {
  for (std::uint64_t turn = 0; turn < 0x100000000; turn += 12345) {
    const double angle = static_cast<double>(turn) * 0x1p-32 * 6.283185307179586;
    const SinCos result = sin_cos_of_turn(static_cast<std::uint32_t>(turn));
    REQUIRE(std::abs(result.sin - std::sin(angle)) < 2e-7);
    REQUIRE(std::abs(result.cos - std::cos(angle)) < 2e-7);
  }
}

}  // namespace
}  // namespace mobireg::vector_math
