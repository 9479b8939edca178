#include "training/optimizer_kernels.h"

#include <cmath>

#include "core/cpu_dispatch.h"

namespace mobireg {

MOBIREG_CPU_CLONES
void update_sgd(const UpdateSpan& span, float rate) {
  float* __restrict weight = span.weight;
  for (std::int64_t i = 0; i < span.size; ++i) weight[i] -= rate * span.gradient[i];
}

MOBIREG_CPU_CLONES
void update_momentum(const UpdateSpan& span, float rate, float momentum) {
  float* __restrict weight = span.weight;
  float* __restrict velocity = span.first;
  for (std::int64_t i = 0; i < span.size; ++i) {
    velocity[i] = momentum * velocity[i] - rate * span.gradient[i];
    weight[i] += velocity[i];
  }
}

MOBIREG_CPU_CLONES
void update_adam(const UpdateSpan& span, const AdamCoefficients& adam) {
  float* __restrict weight = span.weight;
  float* __restrict mean = span.first;
  float* __restrict square = span.second;
  for (std::int64_t i = 0; i < span.size; ++i) {
    const float gradient = span.gradient[i];
    mean[i] += adam.mean_share * (gradient - mean[i]);
    square[i] += adam.square_share * (gradient * gradient - square[i]);
    weight[i] -= adam.rate * mean[i] / (std::sqrt(square[i]) + adam.epsilon);
  }
}

}  // namespace mobireg
