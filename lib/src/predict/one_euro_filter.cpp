#include "mobireg/predict/one_euro_filter.h"

#include <cmath>

#include "core/fail.h"

namespace mobireg {
namespace {

/// The weight of a new value, after `period` seconds.
double alpha(double period, double cutoff) {
  constexpr double kTwoPi = 6.283185307179586;
  const double tau = 1 / (kTwoPi * cutoff);
  return 1 / (1 + tau / period);
}

}  // namespace

OneEuroFilter::OneEuroFilter(const OneEuroOptions& options) : options_(options) {
  if (!(options.min_cutoff > 0)) {
    fail("One-Euro filter: a cutoff of {} Hz; it must be above 0", options.min_cutoff);
  }
  if (!(options.derivative_cutoff > 0)) {
    fail("One-Euro filter: a cutoff of the speed of {} Hz; it must be above 0",
         options.derivative_cutoff);
  }
  if (!(options.beta >= 0))
    fail("One-Euro filter: a beta of {}; it must be 0 or more", options.beta);
}

double OneEuroFilter::filter(double value, double seconds) {
  if (first_) {
    first_ = false;
    seconds_ = seconds;
    return value_ = value;
  }
  const double period = seconds - seconds_;
  if (!(period > 0)) return value_;
  seconds_ = seconds;
  const double speed = (value - value_) / period;
  speed_ += alpha(period, options_.derivative_cutoff) * (speed - speed_);
  const double cutoff = options_.min_cutoff + options_.beta * std::abs(speed_);
  return value_ += alpha(period, cutoff) * (value - value_);
}

}  // namespace mobireg
