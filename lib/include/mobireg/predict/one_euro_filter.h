#pragma once

namespace mobireg {

struct OneEuroOptions {
  double min_cutoff = 1.0;         // Hz, at rest: lower is smoother
  double beta = 0.0;               // Hz more for each unit a second of speed: higher lags less
  double derivative_cutoff = 1.0;  // Hz, of the speed itself
};

/// A low-pass filter whose cutoff rises with the signal's speed: steady at rest, prompt in motion.
/// Casiez, Roussel, Vogel: "1 Euro filter: a simple speed-based low-pass filter for noisy input in
/// interactive systems", CHI 2012, algorithm 1.
class OneEuroFilter {
 public:
  /// Throws Error unless both cutoffs are above 0 and beta is 0 or more.
  explicit OneEuroFilter(const OneEuroOptions& options = {});

  /// The next value, measured at `seconds`. A time that is not after the last one's gives the last
  /// result again.
  double filter(double value, double seconds);

  /// Before the first value: 0.
  double last() const { return value_; }

 private:
  OneEuroOptions options_;
  bool first_ = true;
  double seconds_ = 0;
  double value_ = 0;  // filtered
  double speed_ = 0;  // filtered, units a second
};

}  // namespace mobireg
