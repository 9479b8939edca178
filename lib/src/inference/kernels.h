#pragma once

#include <cstdint>

namespace mobireg {

// The inner loops of InferenceEngine, on one thread. Activations are channels-last floats, their
// channels padded with zeros to whole registers. Weights are packed for the instruction set: see
// packing.h.

/// Value (image, y, x, c) is at data + image * image_stride + y * row_stride + x * pixel_stride +
/// c.
struct ActivationMap {
  float* data = nullptr;
  std::int64_t image_stride = 0;
  std::int64_t row_stride = 0;
  std::int64_t pixel_stride = 0;
  int height = 0;
  int width = 0;
};

/// The 8-bit values that a layer's input is rounded to, kept as floats: the nearest whole number
/// (halves to the even one) of x * steps, from lowest to highest. Products of such numbers and
/// their sums are whole numbers that float kernels compute without error.
struct Rounding {
  float steps = 0;  // 0: x stays as it is
  float lowest = 0;
  float highest = 0;
};

/// What becomes of a layer's sums: clamp(sum * scale + bias, low, high), rounded for the layer that
/// follows.
struct Epilogue {
  const float* scale = nullptr;  // one a channel; null: 1
  const float* bias = nullptr;   // one a channel
  float low = 0;
  float high = 6;
  Rounding rounding;
};

/// All weights in the order in which they are read. The kernels fetch `lead` floats' worth of them
/// ahead into the second cache, while they have enough to compute.
struct WeightStream {
  const float* fetched = nullptr;  // up to here
  const float* end = nullptr;
  std::int64_t lead = 0;
};

/// The first convolution. The rows it reads are interleaved: pixel (y, x) of a channel is at
/// pixels[(y * channels + channel) * width + x], its zeros of padding included.
struct FirstConvolution {
  const float* pixels = nullptr;
  int channels = 0;
  int width = 0;
  int kernel = 3;
  int stride = 2;
  const float* weight = nullptr;  // packed, k in the order (kernel row, channel, kernel column)
  int vectors = 0;                // registers of output channels
  Epilogue epilogue;
  ActivationMap output;  // of one image; its `height` rows are written
  WeightStream* stream = nullptr;
};

/// What turns `depth` channels of a pixel into others.
struct Pointwise {
  const float* weight = nullptr;  // packed
  int depth = 0;
  int vectors = 0;  // registers of output channels
  Epilogue epilogue;
};

/// A 3x3 depthwise convolution and the pointwise convolution that follows. `input` includes its
/// border of zeros.
struct SeparableBlock {
  ActivationMap input;
  int stride = 1;
  int depthwise_vectors = 0;                // registers of its channels
  const float* depthwise_weight = nullptr;  // (9, depthwise_vectors * lanes)
  Epilogue depthwise;
  Pointwise pointwise;
  ActivationMap output;
  std::int64_t images = 1;
  float* strip = nullptr;  // scratch: strip_rows * output.width pixels, strip_stride floats each
  std::int64_t strip_stride = 0;
  int strip_rows = 1;  // rows of output made at a time
  WeightStream* stream = nullptr;
};

/// Mean over all pixels of each of `images`, times scale: y is (images, vectors * lanes).
struct Pooling {
  ActivationMap input;
  int vectors = 0;
  std::int64_t images = 1;
  float* y = nullptr;
  float scale = 1;
};

/// A hidden layer: y is (rows, vectors of layer * lanes).
struct HiddenLayer {
  Pointwise layer;
  std::int64_t rows = 0;
  const float* x = nullptr;
  std::int64_t x_stride = 0;
  float* y = nullptr;
  WeightStream* stream = nullptr;
};

/// A head's last layer.
struct OutputLayer {
  const float* weight = nullptr;  // (outputs, vectors * lanes)
  int vectors = 0;                // registers of inputs
  int outputs = 0;
  Epilogue epilogue;
  std::int64_t rows = 0;
  const float* x = nullptr;  // (rows, vectors * lanes)
  float* y = nullptr;        // (rows, outputs)
  std::int64_t y_stride = 0;
};

/// The functions as compiled for one instruction set.
struct InferenceKernels {
  const char* name;  // avx512, avx2, baseline
  int lanes;         // floats in a register
  int panel;         // registers of output channels that are computed together

  /// (pixel - mean) / scale of `count` pixels.
  void (*normalize)(const float* pixels, float mean, float scale, std::int64_t count, float* y);
  /// x and y may be the same.
  void (*quantize)(const float* x, const Rounding& rounding, std::int64_t count, float* y);
  void (*first_convolution)(const FirstConvolution&);
  void (*separable_block)(const SeparableBlock&);
  void (*pool)(const Pooling&);
  void (*hidden)(const HiddenLayer&);
  void (*output)(const OutputLayer&);
};

/// The fastest this processor runs.
const InferenceKernels& inference_kernels();

/// All that this processor runs, the fastest first; the last is null.
const InferenceKernels* const* all_inference_kernels();

}  // namespace mobireg
