#include "mobireg/predict/one_euro_filter.h"

#include <cmath>

#include "mobireg/core/error.h"

namespace mobireg {
namespace {

TEST_CASE("the paper's formulas, worked by hand") {
  // fc_min 1 Hz, beta 2, fc_d 1 Hz, 10 samples a second: tau = 1 / (2 pi fc), alpha = 1 / (1 + tau
  // / 0.1).
  OneEuroFilter filter({1, 2, 1});
  CHECK(filter.filter(5, 0) == 5);
  // alpha(1 Hz) = 0.385869545; speed = 10 / 0.1 = 100, filtered 38.5869545;
  // cutoff = 1 + 2 * 38.5869545 = 78.173909; alpha = 0.980047135; 5 + 0.980047135 * 10
  CHECK(filter.filter(15, 0.1) == Approx(14.80047135).epsilon(1e-8));
  // speed = (15 - 14.80047135) / 0.1 = 1.9952865, filtered 38.5869545 + 0.385869545 * (1.9952865 -
  // 38.5869545) = 24.4673442; cutoff 49.9346884; alpha = 0.969111864
  CHECK(filter.filter(15, 0.2) == Approx(14.9938369).epsilon(1e-7));
}

TEST_CASE("without beta it is a low-pass filter of the cutoff") {
  // A step's rest falls as exp(-2 pi fc t) where the samples are dense.
  OneEuroFilter filter({2, 0, 1});
  filter.filter(0, 0);
  double value = 0;
  for (int i = 1; i <= 1000; ++i) value = filter.filter(1, i * 1e-4);
  CHECK(1 - value == Approx(std::exp(-2 * 3.14159265 * 2 * 0.1)).epsilon(0.01));
}

TEST_CASE("a higher beta lags less in motion and leaves rest alone") {
  const auto last = [](double beta, double speed) {
    OneEuroFilter filter({1, beta, 1});
    double value = 0;
    for (int i = 0; i <= 60; ++i) value = filter.filter(speed * i / 30, i / 30.0);
    return value;
  };
  CHECK(last(0.05, 90) > last(0, 90) + 5);
  CHECK(last(0.05, 0) == last(0, 0));
}

TEST_CASE("a time that stands still or runs back changes nothing") {
  OneEuroFilter filter;
  filter.filter(1, 1);
  const double value = filter.filter(2, 1.5);
  CHECK(filter.filter(9, 1.5) == value);
  CHECK(filter.filter(9, 1.2) == value);
  CHECK(filter.last() == value);
  CHECK(filter.filter(9, 1.6) > value);
}

TEST_CASE("cutoffs and betas that make no filter are refused") {
  CHECK_THROWS_WITH(OneEuroFilter({0, 0, 1}),
                    "One-Euro filter: a cutoff of 0 Hz; it must be above 0");
  CHECK_THROWS_WITH(OneEuroFilter({1, -1, 1}),
                    "One-Euro filter: a beta of -1; it must be 0 or more");
  CHECK_THROWS_WITH(OneEuroFilter({1, 0, NAN}),
                    "One-Euro filter: a cutoff of the speed of nan Hz; it must be above 0");
}

}  // namespace
}  // namespace mobireg
