#pragma once

#include <algorithm>
#include <chrono>

#include "model/backbone_pass.h"
#include "model/pass_blocks.h"

// What the forward and the backward pass of a backbone have in common.

namespace mobireg {

/// Hands its time to one sum after the other; of all threads, the first one's.
class Laps {
 public:
  explicit Laps(const TeamMember& me) : runs_(me.index() == 0), start_(Clock::now()) {}

  void add_to(double& sum) {
    if (!runs_) return;
    const Clock::time_point now = Clock::now();
    sum += std::chrono::duration<double>(now - start_).count();
    start_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool runs_;
  Clock::time_point start_;
};

inline BackboneTimes::Passes& times_of(LayerKind kind, BackboneTimes& times) {
  switch (kind) {
    case LayerKind::kFirst:
      return times.first;
    case LayerKind::kDepthwise:
      return times.depthwise;
    case LayerKind::kPointwise:
      break;
  }
  return times.pointwise;
}

/// The largest of what the layers take.
template <class Value, class Size>
std::int64_t largest(const std::vector<PassLayer<Value>>& layers, const Size& size) {
  std::int64_t most = 0;
  for (const PassLayer<Value>& layer : layers) most = std::max(most, size(layer));
  return most;
}

template <class Value>
LayerInput<Value> BackbonePass<Value>::input_of(std::size_t i) const {
  if (i == 0) return {nullptr, values_of<float>(images_), {}};
  return {values_of<Value>(layers_[i - 1].z), nullptr, layers_[i - 1].activation()};
}

template <class Value>
struct BackbonePass<Value>::Shared {
  torch::Tensor packed;  // the weight of the layer at hand
  torch::Tensor sums;    // of its blocks
  OwnFloats scratch;

  /// sums: a channel and block, of at most so many blocks' channels.
  Shared(const std::vector<PassLayer<Value>>& layers, int threads, std::int64_t sums_floats)
      : packed(torch::empty({largest(layers, [](auto& layer) { return layer.packed(); })})),
        sums(torch::empty({sums_floats})),
        scratch(threads, largest(layers, [](auto& layer) { return layer.scratch(); })) {}
};

}  // namespace mobireg
