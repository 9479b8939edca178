#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>

#include "core/thread_team.h"
#include "kernels/kernels.h"
#include "model/pass_layer.h"

// What the threads of a pass do of one layer, each its share.

namespace mobireg {

inline constexpr std::int64_t kFloatsInLine = 16;  // of the cache: threads share arrays in these
inline constexpr std::int64_t kPartChannels = 64;  // of which a ChannelRange has a multiple

/// Floats of each thread's own, 64 bytes aligned.
class OwnFloats {
 public:
  OwnFloats(int threads, std::int64_t floats)
      : stride_((floats + kFloatsInLine - 1) / kFloatsInLine * kFloatsInLine),
        floats_(torch::empty({threads, stride_})) {}

  float* of(int member) const { return values_of<float>(floats_) + member * stride_; }

 private:
  std::int64_t stride_;
  torch::Tensor floats_;
};

inline ChannelRange share_of_channels(const TeamMember& me, std::int64_t channels) {
  const TeamMember::Share share = me.share(channels, kFloatsInLine);
  return {share.begin, share.end};
}

/// How the channels of a block's result are cut, where there are fewer blocks than threads or they
/// cannot be dealt out evenly.
class ChannelParts {
 public:
  ChannelParts(std::int64_t channels, std::int64_t blocks, int threads)
      : channels_(channels), units_((channels + kPartChannels - 1) / kPartChannels) {
    double best = 0;
    for (std::int64_t count = 1; count <= units_ && best < kEvenEnough; ++count) {
      const std::int64_t tasks = blocks * count;
      const std::int64_t turns = (tasks + threads - 1) / threads;
      const double busy = static_cast<double>(tasks) / static_cast<double>(turns * threads);
      if (busy > best + kWorthIt) {
        best = busy;
        count_ = count;
      }
    }
  }

  std::int64_t count() const { return count_; }

  /// Of the parts `first` to `last` - 1.
  ChannelRange channels(std::int64_t first, std::int64_t last) const {
    return {units_ * first / count_ * kPartChannels,
            std::min(channels_, units_ * last / count_ * kPartChannels)};
  }

 private:
  static constexpr double kEvenEnough = 0.95;
  static constexpr double kWorthIt = 0.02;  // each part reads the whole input

  std::int64_t channels_, units_;
  std::int64_t count_ = 1;
};

/// Calls body(block, channels) for this member's tasks of a layer with so many channels of results.
template <class Value, class Body>
void for_blocks(const PassLayer<Value>& layer, std::int64_t channels, const TeamMember& me,
                const Body& body) {
  const std::int64_t blocks = layer.blocks.count();
  const bool whole = layer.kind != LayerKind::kPointwise;
  const ChannelParts parts(whole ? 1 : channels, blocks, me.size());
  const TeamMember::Share tasks = me.share(blocks * parts.count());
  for (std::int64_t task = tasks.begin; task < tasks.end;) {
    const std::int64_t first = task % parts.count();
    const std::int64_t last = std::min(parts.count(), first + tasks.end - task);
    body(task / parts.count(), parts.channels(first, last));
    task += last - first;
  }
}

struct ForwardBlock {
  std::int64_t block;
  ChannelRange channels;
  const float* weight;
  BlockStatistics statistics;
  float* scratch;
};

template <class Value>
void forward_block(const PassLayer<Value>& layer, const ForwardBlock& work,
                   const LayerInput<Value>& input) {
  const auto& [block, channels, weight, statistics, scratch] = work;
  const std::int64_t begin = layer.blocks.begin(block);
  const std::int64_t length = layer.blocks.length(block);
  const std::int64_t at = begin * layer.in_floats_a_unit();
  Value* z = values_of<Value>(layer.z) + begin * layer.out_floats_a_unit();
  const KernelsOf<Value>& run = kernels_of<Value>();
  switch (layer.kind) {
    case LayerKind::kFirst:
      return run.first_forward(
          {layer.first(), length, input.images + at, weight, z, statistics, scratch});
    case LayerKind::kDepthwise:
      return run.depthwise_forward({layer.depthwise(), length, input.x + at, input.activation,
                                    weight, z, statistics, scratch});
    case LayerKind::kPointwise:
      return run.pointwise_forward({layer.pointwise(), length, input.x + at, input.activation,
                                    weight, z, statistics, scratch, channels});
  }
}

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

struct BackwardBlock {
  std::int64_t block;
  ChannelRange channels;
  const float* weight;
  float* dw;       // null: not wanted, or not yet
  float* factors;  // null: not wanted
  float* scratch;
};

template <class Value>
void backward_block(const PassLayer<Value>& layer, const BackwardBlock& work,
                    const LayerBackward<Value>& backward) {
  const auto& [block, channels, weight, dw, factors, scratch] = work;
  const std::int64_t begin = layer.blocks.begin(block);
  const std::int64_t length = layer.blocks.length(block);
  const std::int64_t at = begin * layer.out_floats_a_unit();
  const std::int64_t in_at = begin * layer.in_floats_a_unit();
  const Value* g = backward.g + at;
  const Value* z = values_of<Value>(layer.z) + at;
  const LayerInput<Value>& from = backward.input;
  InputGradientOf<Value> input;
  if (backward.input_g != nullptr) {
    float* sums = backward.input_sums + block * 2 * layer.in;
    input = {backward.input_g + in_at, sums, sums + layer.in, backward.input_mean};
  }
  const KernelsOf<Value>& run = kernels_of<Value>();
  switch (layer.kind) {
    case LayerKind::kFirst:
      return run.first_backward(
          {layer.first(), length, g, z, backward.gradient, from.images + in_at, dw, scratch});
    case LayerKind::kDepthwise:
      return run.depthwise_backward({layer.depthwise(), length, g, z, backward.gradient,
                                     from.x + in_at, from.activation, weight, input, dw, scratch});
    case LayerKind::kPointwise:
      return run.pointwise_backward({layer.pointwise(),
                                     length,
                                     g,
                                     z,
                                     backward.gradient,
                                     from.x + in_at,
                                     from.activation,
                                     weight,
                                     input,
                                     dw,
                                     scratch,
                                     channels,
                                     {factors, layer.pixels(), begin}});
  }
}

/// This member's part of a 3x3 weight, (out, in / groups, 3, 3), as (3, 3, in / groups, out).
inline void pack_3x3(const torch::Tensor& weight, const ChannelRange& channels, float* packed) {
  const float* from = values_of<float>(weight);
  const std::int64_t out = weight.size(0);
  const std::int64_t in = weight.size(1);
  for (std::int64_t k = 0; k < 9 * in; ++k) {
    const std::int64_t at =
        k % in * weight.stride(1) + k / in % 3 * weight.stride(3) + k / in / 3 * weight.stride(2);
    for (std::int64_t o = channels.begin; o < channels.end; ++o) {
      packed[k * out + o] = from[at + o * weight.stride(0)];
    }
  }
}

/// This member's part of a weight, as the kernels take it.
template <class Value>
void pack_weight(const PassLayer<Value>& layer, bool transposed, const TeamMember& me,
                 float* packed) {
  if (layer.kind != LayerKind::kPointwise) {
    return pack_3x3(layer.weight, share_of_channels(me, layer.out), packed);
  }
  const TeamMember::Share share = me.share(transposed ? layer.in : layer.out, kPartChannels);
  if (share.begin == share.end) return;
  const auto pack = transposed ? kernels_of<Value>().pack_pointwise_transposed_part
                               : kernels_of<Value>().pack_pointwise_part;
  pack(layer.pointwise(), {share.begin, share.end}, values_of<float>(layer.weight), packed);
}

/// Room for the gradient of a weight, in the order of the weight's: where that has several inputs
/// channels-last (with one, as in depthwise layers, both orders are the same).
template <class Value>
torch::Tensor empty_gradient(const PassLayer<Value>& layer) {
  if (layer.kind == LayerKind::kPointwise) return torch::empty({layer.out, layer.in, 1, 1});
  if (layer.kind == LayerKind::kDepthwise) return torch::empty(layer.weight.sizes());
  return torch::empty(layer.weight.sizes(), at::MemoryFormat::ChannelsLast);
}

/// `begin` to `end` of the sum of what the members have, in their order.
inline void add_up(const OwnFloats& own, int members, const TeamMember::Share& share, float* sum) {
  const float* first = own.of(0);
  std::copy(first + share.begin, first + share.end, sum + share.begin);
  for (int member = 1; member < members; ++member) {
    const float* values = own.of(member);
    for (std::int64_t i = share.begin; i < share.end; ++i) sum[i] += values[i];
  }
}

/// The same of a 3x3 weight's gradient, (3, 3, in / groups, out), as (out, 3, 3, in / groups).
template <class Value>
void add_up_3x3(const OwnFloats& own, int members, const ChannelRange& channels,
                const PassLayer<Value>& layer, float* sum) {
  const std::int64_t size = layer.weight.numel() / layer.out;
  for (std::int64_t o = channels.begin; o < channels.end; ++o) {
    for (std::int64_t k = 0; k < size; ++k) {
      float value = 0;
      for (int member = 0; member < members; ++member) value += own.of(member)[k * layer.out + o];
      sum[o * size + k] = value;
    }
  }
}

}  // namespace mobireg
