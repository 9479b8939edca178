#include "model/backbone_pass.h"

#include <ATen/Parallel.h>

#include "model/pass_shared.h"

namespace mobireg {

using torch::Tensor;

template <class Value>
BackbonePass<Value>::BackbonePass(const Tensor& images, const std::vector<BackboneLayer>& layers,
                                  std::shared_ptr<BackboneTimes> times, bool keep)
    : images_(images.contiguous(at::MemoryFormat::ChannelsLast)),
      times_(keep ? std::move(times) : std::make_shared<BackboneTimes>()),
      keep_(keep) {
  std::int64_t side = images.size(2);
  for (const BackboneLayer& layer : layers) {
    layers_.emplace_back(layer, images.size(0), side);
    side = layer.shape.output_size;
  }
}

/// The arrays z of all layers; without `keep` two take turns.
template <class Value>
void BackbonePass<Value>::make_room() {
  const auto floats = [](const PassLayer<Value>& layer) { return layer.pixels() * layer.out; };
  Tensor turns[2];
  if (!keep_) {
    for (Tensor& each : turns) each = empty_values<Value>(largest(layers_, floats));
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    PassLayer<Value>& layer = layers_[i];
    layer.z = keep_ ? empty_values<Value>(floats(layer)) : turns[i % 2];
  }
}

template <class Value>
void BackbonePass<Value>::forward_layer(std::size_t i, const Shared& shared,
                                        const TeamMember& me) const {
  const PassLayer<Value>& layer = layers_[i];
  for_blocks(layer, layer.out, me, [&](std::int64_t block, const ChannelRange& channels) {
    ForwardBlock work{
        block, channels, values_of<float>(shared.packed), {}, shared.scratch.of(me.index())};
    if (layer.normalization.training) {
      float* at = values_of<float>(shared.sums) + block * 3 * layer.out;
      work.statistics = {at, at + layer.out, at + 2 * layer.out};
    }
    forward_block(layer, work, input_of(i));
  });
}

template <class Value>
void BackbonePass<Value>::finish_statistics(std::size_t i, const Shared& shared,
                                            const TeamMember& me) {
  PassLayer<Value>& layer = layers_[i];
  const ChannelRange channels = share_of_channels(me, layer.out);
  if (!layer.normalization.training) {
    running_statistics(layer.normalization, channels, layer.statistics);
    return;
  }
  const BlockSums blocks{values_of<float>(shared.sums), layer.pixels(),
                         layer.blocks.size * layer.blocks.pixels_a_unit, layer.out};
  batch_statistics(blocks, layer.normalization, channels, layer.statistics);
}

template <class Value>
void BackbonePass<Value>::pool(const TeamMember& me, float* y) const {
  const PassLayer<Value>& last = layers_.back();
  const PoolShape shape{last.out, last.out_side * last.out_side};
  const TeamMember::Share images = me.share(last.images);
  const Value* z = values_of<Value>(last.z) + images.begin * shape.pixels * shape.channels;
  kernels_of<Value>().pool_forward(
      {shape, images.end - images.begin, z, last.activation(), y + images.begin * shape.channels});
}

template <class Value>
Tensor BackbonePass<Value>::forward() {
  const int threads = at::get_num_threads();
  make_room();
  const Shared shared(layers_, threads, largest(layers_, [](auto& layer) {
                        return layer.blocks.count() * 3 * layer.out;
                      }));
  const Tensor y = torch::empty({layers_.back().images, layers_.back().out});
  run_team(threads, [&](const TeamMember& me) {
    auto* packed = values_of<float>(shared.packed);
    Laps laps(me);
    pack_weight(layers_[0], /*transposed=*/false, me, packed);
    me.wait();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      laps.add_to(times_->packing.forward);
      forward_layer(i, shared, me);
      me.wait();
      finish_statistics(i, shared, me);
      laps.add_to(times_of(layers_[i].kind, *times_).forward);
      if (i + 1 < layers_.size()) pack_weight(layers_[i + 1], /*transposed=*/false, me, packed);
      me.wait();
    }
    pool(me, values_of<float>(y));
  });
  return y;
}

template class BackbonePass<float>;
template class BackbonePass<Bfloat16>;

}  // namespace mobireg
