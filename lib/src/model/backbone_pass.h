#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "core/thread_team.h"
#include "model/fused_backbone.h"
#include "model/pass_layer.h"

namespace mobireg {

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
