// The backward half of BackbonePass.

#include <ATen/Parallel.h>

#include <algorithm>

#include "model/backbone_pass.h"
#include "model/pass_shared.h"

namespace mobireg {
namespace {

constexpr std::int64_t kPoolImages = 4;  // a block

}  // namespace

using torch::Tensor;

template <class Value>
struct BackbonePass<Value>::Backward {
  Shared shared;
  OwnFloats dw;    // of a layer, each thread's part
  Tensor factors;  // of a layer's dw
  Tensor g[2];     // of a layer's z and of the one before it, in turns
  std::vector<LayerGradients> gradients;
  std::vector<Tensor> weight_gradients;  // undefined where not needed
  std::size_t lowest;                    // layer that a gradient is needed of

  Backward(const std::vector<PassLayer<Value>>& layers, const std::vector<bool>& needed,
           int threads);

  Value* g_of(std::size_t layer) const { return values_of<Value>(g[layer % 2]); }
};

template <class Value>
BackbonePass<Value>::Backward::Backward(const std::vector<PassLayer<Value>>& layers,
                                        const std::vector<bool>& needed, int threads)
    : shared(layers, threads,
             largest(layers,
                     [](auto& layer) {
                       const std::int64_t pooled = (layer.images + kPoolImages - 1) / kPoolImages;
                       return std::max(layer.blocks.count() * layer.in, pooled * layer.out) * 2;
                     })),
      dw(threads,
         largest(layers, [](auto& layer) { return layer.two_phases ? 0 : layer.weight.numel(); })),
      factors(torch::empty({largest(layers,
                                    [](auto& layer) {
                                      return layer.two_phases
                                                 ? kernels_of<Value>().pointwise_factors(
                                                       layer.pointwise(), layer.pixels())
                                                 : 0;
                                    })})),
      weight_gradients(layers.size()),
      lowest(
          static_cast<std::size_t>(std::find(needed.begin(), needed.end(), true) - needed.begin()) /
          3) {
  const std::int64_t most = largest(layers, [](auto& layer) { return layer.pixels() * layer.out; });
  for (Tensor& each : g) each = empty_values<Value>(most);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    gradients.emplace_back(layers[i].out);
    if (needed[3 * i]) weight_gradients[i] = empty_gradient(layers[i]);
  }
}

template <class Value>
void BackbonePass<Value>::backward_pool(const float* dy, const Backward& pass,
                                        const TeamMember& me) const {
  const PassLayer<Value>& last = layers_.back();
  const PoolShape shape{last.out, last.out_side * last.out_side};
  const UnitBlocks blocks{last.images, kPoolImages, shape.pixels};
  const TeamMember::Share share = me.share(blocks.count());
  for (std::int64_t block = share.begin; block < share.end; ++block) {
    const std::int64_t image = blocks.begin(block);
    const std::int64_t at = image * shape.pixels * shape.channels;
    float* sum = values_of<float>(pass.shared.sums) + block * 2 * last.out;
    kernels_of<Value>().pool_backward({shape,
                                       blocks.length(block),
                                       dy + image * shape.channels,
                                       values_of<Value>(last.z) + at,
                                       last.activation(),
                                       {pass.g_of(layers_.size() - 1) + at, sum, sum + last.out,
                                        last.statistics.mean_float.data()}});
  }
}

template <class Value>
void BackbonePass<Value>::backward_layer(std::size_t i, const Backward& pass,
                                         const TeamMember& me) const {
  const PassLayer<Value>& layer = layers_[i];
  const LayerGradients& own = pass.gradients[i];
  LayerBackward<Value> backward{
      pass.g_of(i),
      {layer.statistics.scale.data(), own.slope.data(), own.constant.data()},
      input_of(i)};
  if (i > pass.lowest) {
    backward.input_g = pass.g_of(i - 1);
    backward.input_mean = layers_[i - 1].statistics.mean_float.data();
    backward.input_sums = values_of<float>(pass.shared.sums);
  }
  const bool need_weight = pass.weight_gradients[i].defined();
  float* dw = need_weight && !layer.two_phases ? pass.dw.of(me.index()) : nullptr;
  float* factors = need_weight && layer.two_phases ? values_of<float>(pass.factors) : nullptr;
  if (dw != nullptr) std::fill_n(dw, layer.weight.numel(), 0.0F);
  for_blocks(layer, layer.in, me, [&](std::int64_t block, const ChannelRange& channels) {
    backward_block(layer,
                   {block, channels, values_of<float>(pass.shared.packed), dw, factors,
                    pass.shared.scratch.of(me.index())},
                   backward);
  });
}

/// This member's part of the gradient of a layer's weight, after all blocks.
template <class Value>
void BackbonePass<Value>::finish_weight(std::size_t i, const Backward& pass,
                                        const TeamMember& me) const {
  const PassLayer<Value>& layer = layers_[i];
  if (!pass.weight_gradients[i].defined()) return;
  auto* dw = values_of<float>(pass.weight_gradients[i]);
  if (layer.kind != LayerKind::kPointwise) {
    return add_up_3x3(pass.dw, me.size(), share_of_channels(me, layer.out), layer, dw);
  }
  if (!layer.two_phases) {
    return add_up(pass.dw, me.size(), me.share(layer.weight.numel(), kFloatsInLine), dw);
  }
  const TeamMember::Share share = me.share(layer.out);
  if (share.begin == share.end) return;
  kernels_of<Value>().pointwise_weight_gradient(
      {layer.pointwise(),
       {values_of<float>(pass.factors), layer.pixels(), 0},
       {share.begin, share.end},
       dw});
}

/// This member's part of what the layer's normalisation makes of the sums of its g, which
/// `block_rows` rows a block left.
template <class Value>
void BackbonePass<Value>::finish_gradients(std::size_t i, std::int64_t block_rows, Backward& pass,
                                           const TeamMember& me) const {
  const PassLayer<Value>& layer = layers_[i];
  layer_gradients({values_of<float>(pass.shared.sums), layer.pixels(), block_rows, layer.out},
                  layer.statistics, share_of_channels(me, layer.out), pass.gradients[i]);
}

template <class Value>
void BackbonePass<Value>::backward_layers(const float* dy, Backward& pass,
                                          const TeamMember& me) const {
  auto* packed = values_of<float>(pass.shared.packed);
  Laps laps(me);
  std::size_t i = layers_.size() - 1;
  backward_pool(dy, pass, me);
  pack_weight(layers_[i], /*transposed=*/true, me, packed);
  me.wait();
  finish_gradients(i, kPoolImages * layers_[i].out_side * layers_[i].out_side, pass, me);
  me.wait();
  for (;; --i) {
    const PassLayer<Value>& layer = layers_[i];
    laps.add_to(times_->packing.backward);
    backward_layer(i, pass, me);
    me.wait();
    finish_weight(i, pass, me);
    if (i > pass.lowest) finish_gradients(i - 1, layer.input_rows_a_block(), pass, me);
    laps.add_to(times_of(layer.kind, *times_).backward);
    if (i == pass.lowest) return;
    pack_weight(layers_[i - 1], /*transposed=*/true, me, packed);
    me.wait();
  }
}

template <class Value>
std::vector<Tensor> BackbonePass<Value>::backward(const Tensor& dy,
                                                  const std::vector<bool>& needed) {
  const int threads = at::get_num_threads();
  const Tensor dense = dy.contiguous();
  Backward pass(layers_, needed, threads);
  run_team(threads,
           [&](const TeamMember& me) { backward_layers(values_of<float>(dense), pass, me); });
  std::vector<Tensor> gradients(needed.size());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    gradients[3 * i] = pass.weight_gradients[i];
    if (needed[3 * i + 1]) gradients[3 * i + 1] = pass.gradients[i].weight;
    if (needed[3 * i + 2]) gradients[3 * i + 2] = pass.gradients[i].bias;
  }
  return gradients;
}

template std::vector<Tensor> BackbonePass<float>::backward(const Tensor&, const std::vector<bool>&);
template std::vector<Tensor> BackbonePass<Bfloat16>::backward(const Tensor&,
                                                              const std::vector<bool>&);

}  // namespace mobireg
