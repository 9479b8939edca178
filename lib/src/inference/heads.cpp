#include "inference/declarations.h"
#include "inference/pointwise.h"

namespace mobireg::MOBIREG_ISA {

namespace {

MOBIREG_INLINE float sum_of(Vector x) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

MOBIREG_INLINE float finish_one(float sum, const Epilogue& epilogue, int at) {
  if (epilogue.scale != nullptr) sum *= epilogue.scale[at];
  float y = sum + epilogue.bias[at];
  y = y < epilogue.low ? epilogue.low : y;
  return y > epilogue.high ? epilogue.high : y;
}

}  // namespace

void infer_pool(const Pooling& pooling) {
  const ActivationMap& x = pooling.input;
  const float pixels = static_cast<float>(x.height) * static_cast<float>(x.width);
  for (std::int64_t image = 0; image < pooling.images; ++image) {
    float* y = pooling.y + image * pooling.vectors * kLanes;
    for (int v = 0; v < pooling.vectors; ++v) {
      const float* at = x.data + image * x.image_stride + v * kLanes;
      Vector sum = {};
      for (int row = 0; row < x.height; ++row) {
        for (int column = 0; column < x.width; ++column) {
          sum += load(at + row * x.row_stride + column * x.pixel_stride);
        }
      }
      store(y + v * kLanes, sum / pixels * pooling.scale);
    }
  }
}

void infer_hidden(const HiddenLayer& hidden) {
  ActivationMap y;
  y.data = hidden.y;
  y.height = 1;
  y.width = static_cast<int>(hidden.rows);
  y.pixel_stride = std::int64_t{hidden.layer.vectors} * kLanes;
  run_pointwise(hidden.layer, {hidden.x, hidden.x_stride, hidden.rows}, y, 0, *hidden.stream);
}

void infer_output(const OutputLayer& layer) {
  const std::int64_t inputs = std::int64_t{layer.vectors} * kLanes;
  for (int output = 0; output < layer.outputs; ++output) {
    const float* weight = layer.weight + output * inputs;
    for (std::int64_t row = 0; row < layer.rows; ++row) {
      const float* x = layer.x + row * inputs;
      Vector sums[4] = {};
      int v = 0;
      for (; v + 4 <= layer.vectors; v += 4) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          sums[i] += load(x + (v + i) * kLanes) * load(weight + (v + i) * kLanes);
        }
      }
      for (; v < layer.vectors; ++v) sums[0] += load(x + v * kLanes) * load(weight + v * kLanes);
      layer.y[row * layer.y_stride + output] =
          finish_one(sum_of((sums[0] + sums[1]) + (sums[2] + sums[3])), layer.epilogue, output);
    }
  }
}

}  // namespace mobireg::MOBIREG_ISA
