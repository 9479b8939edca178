#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "kernels/kernels.h"
#include "mobireg/model/mobilenet.h"
#include "model/layer_statistics.h"

namespace mobireg {

/// The kernels that store `Value`.
template <class Value>
const KernelsOf<Value>& kernels_of() {
  if constexpr (std::is_same_v<Value, float>) {
    return kernels();
  } else {
    return *bfloat16_kernels();
  }
}

template <class Value>
torch::Tensor empty_values(std::int64_t count) {
  constexpr bool kFloats = std::is_same_v<Value, float>;
  return torch::empty({count}, torch::TensorOptions(kFloats ? torch::kFloat : torch::kBFloat16));
}

template <class Value>
Value* values_of(const torch::Tensor& tensor) {
  return static_cast<Value*>(tensor.data_ptr());
}

inline constexpr std::int64_t kBlockFloats = 16384;  // of z, the least that is worth a task
inline constexpr std::int64_t kLeastImageBlocks = 16;
inline constexpr std::int64_t kTwoPhaseRows = 1;  // a channel; with more, a dw each costs less

/// How a layer's work is cut: `units` (images, or the pixels of pointwise layers) in blocks of
/// `size`.
struct UnitBlocks {
  std::int64_t units = 0, size = 1, pixels_a_unit = 1;

  std::int64_t count() const { return (units + size - 1) / size; }
  std::int64_t begin(std::int64_t block) const { return block * size; }
  std::int64_t length(std::int64_t block) const;
};

enum class LayerKind { kFirst, kDepthwise, kPointwise };

/// A layer of one pass: its shape, its parameters, and what it left. `Value`: what z is stored as.
template <class Value>
struct PassLayer {
  using Kind = LayerKind;

  Kind kind = Kind::kFirst;
  std::int64_t images = 0, in = 0, out = 0, in_side = 0, out_side = 0;
  int stride = 1;
  UnitBlocks blocks;
  bool two_phases = false;  // the weight's gradient is made at last, of what all blocks left
  torch::Tensor weight;
  Normalization normalization;
  torch::Tensor z;  // (pixels, out) of Value
  LayerStatistics statistics;

  PassLayer(const BackboneLayer& module, std::int64_t images, std::int64_t in_side);

  std::int64_t pixels() const { return images * out_side * out_side; }
  std::int64_t in_floats_a_unit() const;
  std::int64_t out_floats_a_unit() const { return blocks.pixels_a_unit * out; }
  std::int64_t scratch() const;  // floats
  std::int64_t packed() const;   // floats of the weight as the kernels take it
  Activation activation() const;
  std::int64_t input_rows_a_block() const;
  PointwiseShape pointwise() const { return {in, out}; }
  DepthwiseShape depthwise() const { return {in, in_side, in_side, stride}; }
  FirstShape first() const { return {in, in_side, in_side, out}; }
};

/// What a layer reads: the z of the layer before, or, of the first, the images.
template <class Value>
struct LayerInput {
  const Value* x = nullptr;
  const float* images = nullptr;
  Activation activation;
};

inline std::int64_t UnitBlocks::length(std::int64_t block) const {
  return std::min(size, units - begin(block));
}

template <class Value>
PassLayer<Value>::PassLayer(const BackboneLayer& layer, std::int64_t image_count, std::int64_t side)
    : images(image_count),
      in(layer.shape.in_channels),
      out(layer.shape.out_channels),
      in_side(side),
      out_side(layer.shape.output_size),
      stride(layer.shape.stride),
      weight(layer.convolution->weight.detach()),
      normalization(*layer.normalization),
      statistics(layer.shape.out_channels) {
  kind = layer.shape.kernel == 1 ? Kind::kPointwise
                                 : (layer.shape.groups > 1 ? Kind::kDepthwise : Kind::kFirst);
  statistics.of_batch = normalization.training;
  if (kind == Kind::kPointwise) {
    weight = weight.reshape({out, in}).contiguous();
    blocks = {pixels(), kernels_of<Value>().pointwise_block(pointwise()), 1};
    two_phases = pixels() <= kTwoPhaseRows * std::min(in, out);
  } else {
    const std::int64_t pixels_an_image = out_side * out_side;
    const std::int64_t enough = kBlockFloats / (pixels_an_image * out);
    blocks = {
        images,
        std::clamp<std::int64_t>(enough, 1, std::max<std::int64_t>(1, images / kLeastImageBlocks)),
        pixels_an_image};
  }
}

template <class Value>
std::int64_t PassLayer<Value>::in_floats_a_unit() const {
  return kind == Kind::kPointwise ? in : in_side * in_side * in;
}

template <class Value>
std::int64_t PassLayer<Value>::input_rows_a_block() const {
  return blocks.size * in_floats_a_unit() / in;
}

template <class Value>
std::int64_t PassLayer<Value>::scratch() const {
  switch (kind) {
    case Kind::kFirst:
      return kernels_of<Value>().first_scratch(first());
    case Kind::kDepthwise:
      return kernels_of<Value>().depthwise_scratch(depthwise());
    case Kind::kPointwise:
      break;
  }
  return kernels_of<Value>().pointwise_scratch(pointwise(), blocks.size);
}

template <class Value>
std::int64_t PassLayer<Value>::packed() const {
  return kind == Kind::kPointwise ? kernels_of<Value>().pointwise_packed(pointwise())
                                  : weight.numel();
}

template <class Value>
Activation PassLayer<Value>::activation() const {
  return {statistics.scale.data(), statistics.offset.data()};
}

}  // namespace mobireg
