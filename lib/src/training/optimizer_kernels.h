#pragma once

#include <cstdint>

namespace mobireg {

/// The numbers of one parameter's update.
struct UpdateRule {
  float rate = 0;            // Adam: with the bias correction
  float gradient_scale = 1;  // multiplies the gradient, ...
  float penalty = 0;         // ... to which so many times the weight is added
  float decay = 0;           // share of the weight that is taken off
  float momentum = 0;
  float mean_share = 0;    // 1 - beta_1
  float square_share = 0;  // 1 - beta_2
  float epsilon = 0;
};

/// A stretch of one parameter's values with what belongs to them. `first` and `second` are the
/// optimiser's averages and `average` the weights' own, null where there is none; without
/// `gradient` nothing but `average` moves.
struct UpdateSpan {
  float* weight;
  const float* gradient;
  float* first;
  float* second;
  float* average;
  std::int64_t size;
  UpdateRule rule;
};

// One update of every value, in one sweep; the arithmetic is `Optimizer`'s, in float.

void update_sgd(const UpdateSpan& span);
void update_momentum(const UpdateSpan& span);
void update_nesterov(const UpdateSpan& span);
void update_adam(const UpdateSpan& span);

/// average += share (weight - average)
void update_average(const UpdateSpan& span, float share);

/// Sum of squares, in double; the same on every processor.
double sum_of_squares(const float* values, std::int64_t size);

}  // namespace mobireg
