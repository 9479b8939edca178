#include "training/optimizer_kernels.h"

#include <cmath>

#include "core/cpu_dispatch.h"

namespace mobireg {

MOBIREG_CPU_CLONES
void update_sgd(const UpdateSpan& span) {
  const UpdateRule rule = span.rule;
  float* __restrict weight = span.weight;
  for (std::int64_t i = 0; i < span.size; ++i) {
    const float gradient = rule.gradient_scale * span.gradient[i] + rule.penalty * weight[i];
    weight[i] = weight[i] - rule.decay * weight[i] - rule.rate * gradient;
  }
}

MOBIREG_CPU_CLONES
void update_momentum(const UpdateSpan& span) {
  const UpdateRule rule = span.rule;
  float* __restrict weight = span.weight;
  float* __restrict velocity = span.first;
  for (std::int64_t i = 0; i < span.size; ++i) {
    const float gradient = rule.gradient_scale * span.gradient[i] + rule.penalty * weight[i];
    velocity[i] = rule.momentum * velocity[i] - rule.rate * gradient;
    weight[i] = weight[i] - rule.decay * weight[i] + velocity[i];
  }
}

MOBIREG_CPU_CLONES
void update_nesterov(const UpdateSpan& span) {
  const UpdateRule rule = span.rule;
  float* __restrict weight = span.weight;
  float* __restrict velocity = span.first;
  for (std::int64_t i = 0; i < span.size; ++i) {
    const float gradient = rule.gradient_scale * span.gradient[i] + rule.penalty * weight[i];
    const float pull = rule.rate * gradient;
    velocity[i] = rule.momentum * velocity[i] - pull;
    weight[i] = weight[i] - rule.decay * weight[i] + (rule.momentum * velocity[i] - pull);
  }
}

MOBIREG_CPU_CLONES
void update_adam(const UpdateSpan& span) {
  const UpdateRule rule = span.rule;
  float* __restrict weight = span.weight;
  float* __restrict mean = span.first;
  float* __restrict square = span.second;
  for (std::int64_t i = 0; i < span.size; ++i) {
    const float gradient = rule.gradient_scale * span.gradient[i] + rule.penalty * weight[i];
    mean[i] += rule.mean_share * (gradient - mean[i]);
    square[i] += rule.square_share * (gradient * gradient - square[i]);
    weight[i] = weight[i] - rule.decay * weight[i] -
                rule.rate * mean[i] / (std::sqrt(square[i]) + rule.epsilon);
  }
}

MOBIREG_CPU_CLONES
void update_average(const UpdateSpan& span, float share) {
  float* __restrict average = span.average;
  for (std::int64_t i = 0; i < span.size; ++i) average[i] += share * (span.weight[i] - average[i]);
}

MOBIREG_CPU_CLONES
double sum_of_squares(const float* values, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;  // whose order of summation no processor may choose
  double sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (; i < size; ++i) sum += static_cast<double>(values[i]) * values[i];
  return sum;
}

}  // namespace mobireg
