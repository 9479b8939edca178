#pragma once

#include <cstdint>

namespace mobireg {

// The inner loops of training, one layer of one block of images a call, on one thread. Activations
// are channels-last and dense: rows of `channels` values, one row a pixel. A layer's convolution
// writes its raw results z; batch normalisation and ReLU6 are applied where z is read, and never
// stored:
//
//   y = clamp(z * scale + offset, 0, 6)
//
// Backward, g is the gradient of z * scale + offset, 0 where it was clipped; what the batch's
// statistics add to the gradient of z is applied where g is read.
//
// `Value` is the type that x, z and g are stored as: float, or Bfloat16, which halves what goes
// through the memory. Statistics, sums, weights, their gradients and all that is between are
// floats, but for the factors of the 1x1 convolutions' products, which are rounded to Bfloat16
// there.

/// The upper half of a float, rounded to nearest, ties to even.
struct Bfloat16 {
  std::uint16_t bits = 0;
};

/// How a layer reads the z of the layer before it. One value a channel each; null: z is y (images).
struct Activation {
  const float* scale = nullptr;
  const float* offset = nullptr;
};

/// The gradient of a layer's z: dz = g * scale + z * slope + constant. One value a channel each.
struct StoredGradient {
  const float* scale = nullptr;
  const float* slope = nullptr;
  const float* constant = nullptr;
};

/// Sums over the rows of z that a call wrote, each (channels): shift = z of its first row, sum of
/// z - shift, sum of (z - shift)^2. Written, not added to. Null: not wanted.
struct BlockStatistics {
  float* shift = nullptr;
  float* sum = nullptr;
  float* square = nullptr;
};

/// What a call hands back to the layer before, for the rows of x it was given: g of that layer, its
/// sum, and the sum of g * (x - mean). g has x's shape; the sums are (channels of x), written, not
/// added to. Null g: not wanted.
template <class Value>
struct InputGradientOf {
  Value* g = nullptr;
  float* sum = nullptr;
  float* product = nullptr;
  const float* mean = nullptr;
};
using InputGradient = InputGradientOf<float>;

/// 1x1 convolution. Rows are pixels; a block is any number of them.
struct PointwiseShape {
  std::int64_t in = 0;
  std::int64_t out = 0;
};

/// Some of the channels of a result, where threads share its rows: from a multiple of 64 on, to
/// another or the last. end 0: all.
struct ChannelRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

template <class Value>
struct PointwiseForwardOf {
  PointwiseShape shape;
  std::int64_t rows = 0;
  const Value* x = nullptr;  // (rows, in)
  Activation input;
  const float* weight = nullptr;  // packed by pack_pointwise
  Value* z = nullptr;             // (rows, out)
  BlockStatistics statistics;
  float* scratch = nullptr;
  ChannelRange channels;  // of z and its statistics
};
using PointwiseForward = PointwiseForwardOf<float>;

/// The gradient of z and y, as the gradient of a wide layer's weight is made of them: left by
/// pointwise_backward, a block of rows a call, for pointwise_weight_gradient.
struct PointwiseFactors {
  float* values = nullptr;     // pointwise_factors() of them
  std::int64_t rows = 0;       // of all blocks
  std::int64_t first_row = 0;  // of this block
};

template <class Value>
struct PointwiseBackwardOf {
  PointwiseShape shape;
  std::int64_t rows = 0;
  const Value* g = nullptr;  // (rows, out)
  const Value* z = nullptr;  // (rows, out)
  StoredGradient gradient;
  const Value* x = nullptr;  // (rows, in)
  Activation input;
  const float* weight = nullptr;  // packed by pack_pointwise_transposed
  InputGradientOf<Value> input_gradient;
  float* dw = nullptr;  // (out, in), added to; null: not wanted
  float* scratch = nullptr;
  ChannelRange channels;     // of x and all that has its channels
  PointwiseFactors factors;  // null values: not wanted
};
using PointwiseBackward = PointwiseBackwardOf<float>;

/// Rows of a weight's gradient, from what all calls of pointwise_backward left.
struct PointwiseWeightGradient {
  PointwiseShape shape;
  PointwiseFactors factors;
  ChannelRange channels;  // of z: any
  float* dw = nullptr;    // (out, in), of which those rows are written
};

/// 3x3 depthwise convolution of whole images. Stride 1 pads y by one pixel of zeros on all sides;
/// stride 2 by one at the bottom and the right (height and width are even).
struct DepthwiseShape {
  std::int64_t channels = 0;
  std::int64_t height = 0;  // of x; z has height / stride
  std::int64_t width = 0;
  int stride = 1;
};

template <class Value>
struct DepthwiseForwardOf {
  DepthwiseShape shape;
  std::int64_t images = 0;
  const Value* x = nullptr;  // (images, height, width, channels)
  Activation input;
  const float* weight = nullptr;  // (3, 3, channels)
  Value* z = nullptr;
  BlockStatistics statistics;
  float* scratch = nullptr;
};
using DepthwiseForward = DepthwiseForwardOf<float>;

template <class Value>
struct DepthwiseBackwardOf {
  DepthwiseShape shape;
  std::int64_t images = 0;
  const Value* g = nullptr;
  const Value* z = nullptr;
  StoredGradient gradient;
  const Value* x = nullptr;
  Activation input;
  const float* weight = nullptr;  // (3, 3, channels)
  InputGradientOf<Value> input_gradient;
  float* dw = nullptr;  // (3, 3, channels), added to; null: not wanted
  float* scratch = nullptr;
};
using DepthwiseBackward = DepthwiseBackwardOf<float>;

/// The first convolution: 3x3, stride 2, one zero at the bottom and the right, of images (1 or 3
/// channels, even height and width). x is read as it is and gets no gradient.
struct FirstShape {
  std::int64_t channels = 0;
  std::int64_t height = 0;  // of x; z has half
  std::int64_t width = 0;
  std::int64_t out = 0;
};

template <class Value>
struct FirstForwardOf {
  FirstShape shape;
  std::int64_t images = 0;
  const float* x = nullptr;       // (images, height, width, channels)
  const float* weight = nullptr;  // (3, 3, channels, out)
  Value* z = nullptr;
  BlockStatistics statistics;
  float* scratch = nullptr;
};
using FirstForward = FirstForwardOf<float>;

template <class Value>
struct FirstBackwardOf {
  FirstShape shape;
  std::int64_t images = 0;
  const Value* g = nullptr;
  const Value* z = nullptr;
  StoredGradient gradient;
  const float* x = nullptr;
  float* dw = nullptr;  // (3, 3, channels, out), added to
  float* scratch = nullptr;
};
using FirstBackward = FirstBackwardOf<float>;

/// Mean over all pixels of an image.
struct PoolShape {
  std::int64_t channels = 0;
  std::int64_t pixels = 0;  // an image
};

template <class Value>
struct PoolForwardOf {
  PoolShape shape;
  std::int64_t images = 0;
  const Value* x = nullptr;  // (images, pixels, channels)
  Activation input;
  float* y = nullptr;  // (images, channels)
};
using PoolForward = PoolForwardOf<float>;

template <class Value>
struct PoolBackwardOf {
  PoolShape shape;
  std::int64_t images = 0;
  const float* dy = nullptr;  // (images, channels)
  const Value* x = nullptr;
  Activation input;
  InputGradientOf<Value> input_gradient;
};
using PoolBackward = PoolBackwardOf<float>;

/// The functions as compiled for one instruction set. `..._scratch` give the floats a call needs at
/// `scratch`, 64-byte aligned; `..._packed` those of a packed weight.
template <class Value>
struct KernelsOf {
  const char* name;  // avx512, avx2, baseline

  std::int64_t (*pointwise_packed)(const PointwiseShape&);
  /// weight: (out, in).
  void (*pack_pointwise)(const PointwiseShape&, const float* weight, float* packed);
  void (*pack_pointwise_transposed)(const PointwiseShape&, const float* weight, float* packed);
  /// Rows a block should have: what the caches hold of x, z and both gradients.
  std::int64_t (*pointwise_block)(const PointwiseShape&);
  std::int64_t (*pointwise_scratch)(const PointwiseShape&, std::int64_t rows);
  void (*pointwise_forward)(const PointwiseForwardOf<Value>&);
  void (*pointwise_backward)(const PointwiseBackwardOf<Value>&);

  std::int64_t (*depthwise_scratch)(const DepthwiseShape&);
  void (*depthwise_forward)(const DepthwiseForwardOf<Value>&);
  void (*depthwise_backward)(const DepthwiseBackwardOf<Value>&);

  std::int64_t (*first_scratch)(const FirstShape&);
  void (*first_forward)(const FirstForwardOf<Value>&);
  void (*first_backward)(const FirstBackwardOf<Value>&);

  void (*pool_forward)(const PoolForwardOf<Value>&);
  void (*pool_backward)(const PoolBackwardOf<Value>&);

  /// The packing's parts: of the output's channels, transposed of the input's.
  void (*pack_pointwise_part)(const PointwiseShape&, const ChannelRange&, const float* weight,
                              float* packed);
  void (*pack_pointwise_transposed_part)(const PointwiseShape&, const ChannelRange&,
                                         const float* weight, float* packed);
  std::int64_t (*pointwise_factors)(const PointwiseShape&, std::int64_t rows);  // floats
  void (*pointwise_weight_gradient)(const PointwiseWeightGradient&);
};
using Kernels = KernelsOf<float>;

/// The fastest this processor runs.
const Kernels& kernels();

/// Those that store Bfloat16; null where the processor lacks AVX512-BF16.
const KernelsOf<Bfloat16>* bfloat16_kernels();

/// All that this processor runs of those, the fastest first: by AMX, where the system permits it,
/// and by the dot products of AVX512-BF16.
const KernelsOf<Bfloat16>* const* all_bfloat16_kernels(int& count);

/// All that this processor runs, the fastest first.
const Kernels* const* all_kernels(int& count);

}  // namespace mobireg
