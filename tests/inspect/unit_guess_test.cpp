// Which unit a column of labels looks like.

#include "inspect/unit_guess.h"

namespace mobireg {
namespace {

std::vector<double> spread(double low, double high, int count = 200) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(low + (high - low) * i / (count - 1));
  return values;
}

TEST_CASE("angles that reach far beyond a half turn in radians are degrees") {
  const UnitGuess guess = guess_unit(spread(-75, 75), Unit::kRadians, 75);
  CHECK(guess.unit == Unit::kDegrees);
  CHECK(guess.reason == "96 % of the values are beyond 3.2");
}

TEST_CASE("a set whose angles are all small is in radians") {
  const UnitGuess guess = guess_unit(spread(-0.4, 0.4), Unit::kDegrees, 1.31);
  CHECK(guess.unit == Unit::kRadians);
  CHECK(guess.reason == "99 % of the set's angles are within 1.3");
}

TEST_CASE("a narrow column beside a wide one is not taken for radians") {
  CHECK_FALSE(guess_unit(spread(-2, 2), Unit::kDegrees, 60).unit);
  CHECK_FALSE(guess_unit(spread(-2, 2), Unit::kRadians, 60).unit);
}

TEST_CASE("between the two nothing is claimed") {
  CHECK_FALSE(guess_unit(spread(-5, 5), Unit::kDegrees, 5).unit);
}

TEST_CASE("a few slips do not make radians degrees") {
  std::vector<double> values = spread(-1, 1);
  values[0] = -999;
  CHECK(guess_unit(values, Unit::kRadians, 1).unit == Unit::kRadians);
}

TEST_CASE("coordinates beyond the image are pixels") {
  const UnitGuess guess = guess_unit(spread(3, 110), Unit::kImage, 0);
  CHECK(guess.unit == Unit::kPixels);
  CHECK(guess.reason == "100 % of the values are beyond 2");
  CHECK(guess_unit(spread(-0.1, 1.2), Unit::kImage, 0).unit == Unit::kImage);
}

TEST_CASE("fractions that were divided by the image's side are noticed") {
  const UnitGuess guess = guess_unit(spread(0.001, 0.01), Unit::kPixels, 0);
  CHECK(guess.unit == Unit::kImage);
  CHECK(guess.reason == "as pixels they would all lie in the first 1 % of the image");
  CHECK(guess_unit(spread(0.1, 0.9), Unit::kPixels, 0).unit == Unit::kPixels);
}

TEST_CASE("of plain numbers and of no numbers nothing is claimed") {
  CHECK_FALSE(guess_unit(spread(0, 100), Unit::kNone, 0).unit);
  CHECK_FALSE(guess_unit({}, Unit::kRadians, 0).unit);
}

TEST_CASE("angles from 0 to a full turn are told from those about 0") {
  CHECK(is_full_turn(spread(0, 359), Unit::kDegrees));
  CHECK(is_full_turn(spread(0.1, 6.2), Unit::kRadians));
  CHECK_FALSE(is_full_turn(spread(-179, 179), Unit::kDegrees));
  CHECK_FALSE(is_full_turn(spread(0, 90), Unit::kDegrees));
  CHECK_FALSE(is_full_turn({}, Unit::kDegrees));
}

}  // namespace
}  // namespace mobireg
