#include "model/batch_norm_kernels.h"

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

inline float relu6(float value) {
  const float low = value < 0.0F ? 0.0F : value;
  return low > 6.0F ? 6.0F : low;
}

inline float unclipped(float value, float gradient) {
  return value > 0.0F && value < 6.0F ? gradient : 0.0F;
}

}  // namespace

MOBIREG_CPU_CLONES
void batch_norm_sums(const float* x, std::int64_t pixels, std::int64_t channels, const float* shift,
                     float* __restrict sum, float* __restrict square) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const float* row = x + i * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float value = row[c] - shift[c];
      sum[c] += value;
      square[c] += value * value;
    }
  }
}

MOBIREG_CPU_CLONES
void batch_norm_relu6_forward(const float* x, float* __restrict y, std::int64_t pixels,
                              std::int64_t channels, const float* scale, const float* offset) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const float* row = x + i * channels;
    float* out = y + i * channels;
    for (std::int64_t c = 0; c < channels; ++c) out[c] = relu6(row[c] * scale[c] + offset[c]);
  }
}

MOBIREG_CPU_CLONES
void batch_norm_relu6_backward_sums(const float* x, const float* dy, std::int64_t pixels,
                                    std::int64_t channels, const float* scale, const float* offset,
                                    const float* mean, float* __restrict sum,
                                    float* __restrict product) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const float* row = x + i * channels;
    const float* gradient = dy + i * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = unclipped(row[c] * scale[c] + offset[c], gradient[c]);
      sum[c] += g;
      product[c] += g * (row[c] - mean[c]);
    }
  }
}

MOBIREG_CPU_CLONES
void batch_norm_relu6_backward(const float* x, const float* dy, float* __restrict dx,
                               std::int64_t pixels, std::int64_t channels, const float* scale,
                               const float* offset, const float* mean, const float* constant,
                               const float* slope) {
  for (std::int64_t i = 0; i < pixels; ++i) {
    const float* row = x + i * channels;
    const float* gradient = dy + i * channels;
    float* out = dx + i * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = unclipped(row[c] * scale[c] + offset[c], gradient[c]);
      out[c] = scale[c] * g - constant[c] - slope[c] * (row[c] - mean[c]);
    }
  }
}

}  // namespace mobireg
