#pragma once

#include <cstdint>

namespace mobireg {

/// A stretch of one parameter's values with what belongs to them. `first` and `second` are the
/// optimiser's averages, null where it has none.
struct UpdateSpan {
  float* weight;
  const float* gradient;
  float* first;
  float* second;
  std::int64_t size;
};

struct AdamCoefficients {
  float rate;          // with the bias correction
  float mean_share;    // 1 - beta_1
  float square_share;  // 1 - beta_2
  float epsilon;
};

// One update of every value, in one sweep; the arithmetic is `Optimizer`'s, in float.

void update_sgd(const UpdateSpan& span, float rate);
void update_momentum(const UpdateSpan& span, float rate, float momentum);
void update_adam(const UpdateSpan& span, const AdamCoefficients& adam);

}  // namespace mobireg
