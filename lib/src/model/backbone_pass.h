#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "core/thread_team.h"
#include "kernels/kernels.h"
#include "model/fused_backbone.h"
#include "model/layer_statistics.h"

namespace mobireg {

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
  bool two_phases = false;  // the weight's gradient waits for all blocks
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

/// The backward pass of a layer: what all its blocks share.
template <class Value>
struct LayerBackward {
  const Value* g = nullptr;
  StoredGradient gradient;
  LayerInput<Value> input;
  Value* input_g = nullptr;  // null where not wanted
  const float* input_mean = nullptr;
  float* input_sums = nullptr;  // (blocks, 2, in)
};

/// One forward pass of `fused_backbone` and what its backward pass needs. Either is one parallel
/// region, in which all threads go from layer to layer together. `Value`: what z and g are stored
/// as, float or Bfloat16.
template <class Value>
class BackbonePass {
 public:
  /// `keep`: a backward pass may follow.
  BackbonePass(const torch::Tensor& images, const std::vector<BackboneLayer>& layers,
               std::shared_ptr<BackboneTimes> times, bool keep);

  /// Returns (N, features).
  torch::Tensor forward();

  /// dy: (N, features). `needed`: whether each layer's weight, normalisation weight and bias want
  /// a gradient, in that order, three a layer. Returns as many tensors, undefined where not needed.
  std::vector<torch::Tensor> backward(const torch::Tensor& dy, const std::vector<bool>& needed);

 private:
  struct Shared;  // what the threads work on together
  struct Backward;

  void make_room();
  void forward_layer(std::size_t i, const Shared& shared, const TeamMember& me) const;
  void finish_statistics(std::size_t i, const Shared& shared, const TeamMember& me);
  void pool(const TeamMember& me, float* y) const;
  void backward_layers(const float* dy, Backward& pass, const TeamMember& me) const;
  void backward_pool(const float* dy, const Backward& pass, const TeamMember& me) const;
  void backward_layer(std::size_t i, const Backward& pass, const TeamMember& me) const;
  void finish_weight(std::size_t i, const Backward& pass, const TeamMember& me) const;
  void finish_gradients(std::size_t i, std::int64_t block_rows, Backward& pass,
                        const TeamMember& me) const;
  LayerInput<Value> input_of(std::size_t i) const;

  torch::Tensor images_;
  std::shared_ptr<BackboneTimes> times_;
  bool keep_;
  std::vector<PassLayer<Value>> layers_;
};

}  // namespace mobireg
