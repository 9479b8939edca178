#include "model/backbone_pass.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <type_traits>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

using torch::Tensor;
using Kind = LayerKind;

constexpr std::int64_t kBlockFloats = 16384;  // of z, the least that is worth a task
constexpr std::int64_t kLeastImageBlocks = 16;
constexpr std::int64_t kPoolImages = 4;     // a block
constexpr std::int64_t kFloatsInLine = 16;  // of the cache: threads share arrays in these
constexpr std::int64_t kPartChannels = 64;  // of which a ChannelRange has a multiple
constexpr std::int64_t kTwoPhaseRows = 4;   // a channel, at most: dz and y stay in the cache

template <class Value>
const KernelsOf<Value>& kernels_of();

template <>
const KernelsOf<float>& kernels_of() {
  return kernels();
}

template <>
const KernelsOf<Bfloat16>& kernels_of() {
  return *bfloat16_kernels();
}

template <class Value>
Tensor empty_values(std::int64_t count) {
  constexpr bool kFloats = std::is_same_v<Value, float>;
  return torch::empty({count}, torch::TensorOptions(kFloats ? torch::kFloat : torch::kBFloat16));
}

template <class Value>
Value* values_of(const Tensor& tensor) {
  return static_cast<Value*>(tensor.data_ptr());
}

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

BackboneTimes::Passes& times_of(Kind kind, BackboneTimes& times) {
  switch (kind) {
    case Kind::kFirst:
      return times.first;
    case Kind::kDepthwise:
      return times.depthwise;
    case Kind::kPointwise:
      break;
  }
  return times.pointwise;
}

/// Floats of each thread's own, 64 bytes aligned.
class OwnFloats {
 public:
  OwnFloats(int threads, std::int64_t floats)
      : stride_((floats + kFloatsInLine - 1) / kFloatsInLine * kFloatsInLine),
        floats_(torch::empty({threads, stride_})) {}

  float* of(int member) const { return values_of<float>(floats_) + member * stride_; }

 private:
  std::int64_t stride_;
  Tensor floats_;
};

/// The largest of what the layers take.
template <class Value, class Size>
std::int64_t largest(const std::vector<PassLayer<Value>>& layers, const Size& size) {
  std::int64_t most = 0;
  for (const PassLayer<Value>& layer : layers) most = std::max(most, size(layer));
  return most;
}

ChannelRange share_of_channels(const TeamMember& me, std::int64_t channels) {
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
  const bool whole = layer.kind != Kind::kPointwise;
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
    case Kind::kFirst:
      return run.first_forward(
          {layer.first(), length, input.images + at, weight, z, statistics, scratch});
    case Kind::kDepthwise:
      return run.depthwise_forward({layer.depthwise(), length, input.x + at, input.activation,
                                    weight, z, statistics, scratch});
    case Kind::kPointwise:
      return run.pointwise_forward({layer.pointwise(), length, input.x + at, input.activation,
                                    weight, z, statistics, scratch, channels});
  }
}

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
    case Kind::kFirst:
      return run.first_backward(
          {layer.first(), length, g, z, backward.gradient, from.images + in_at, dw, scratch});
    case Kind::kDepthwise:
      return run.depthwise_backward({layer.depthwise(), length, g, z, backward.gradient,
                                     from.x + in_at, from.activation, weight, input, dw, scratch});
    case Kind::kPointwise:
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
void pack_3x3(const Tensor& weight, const ChannelRange& channels, float* packed) {
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
  if (layer.kind != Kind::kPointwise) {
    return pack_3x3(layer.weight, share_of_channels(me, layer.out), packed);
  }
  const TeamMember::Share share = me.share(transposed ? layer.in : layer.out, kPartChannels);
  if (share.begin == share.end) return;
  const auto pack = transposed ? kernels_of<Value>().pack_pointwise_transposed_part
                               : kernels_of<Value>().pack_pointwise_part;
  pack(layer.pointwise(), {share.begin, share.end}, values_of<float>(layer.weight), packed);
}

/// Room for the gradient of a weight, in the order of the weight's.
template <class Value>
Tensor empty_gradient(const PassLayer<Value>& layer) {
  const auto options = torch::TensorOptions(torch::kFloat);
  if (layer.kind == Kind::kPointwise) return torch::empty({layer.out, layer.in, 1, 1}, options);
  return torch::empty(layer.weight.sizes(), options.memory_format(at::MemoryFormat::ChannelsLast));
}

MOBIREG_CPU_CLONES
void add_to(float* __restrict sums, const float* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += values[i];
}

/// `begin` to `end` of the sum of what the members have, in their order.
void add_up(const OwnFloats& own, int members, const TeamMember::Share& share, float* sum) {
  const float* first = own.of(0);
  std::copy(first + share.begin, first + share.end, sum + share.begin);
  for (int member = 1; member < members; ++member) {
    add_to(sum + share.begin, own.of(member) + share.begin, share.end - share.begin);
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

}  // namespace

std::int64_t UnitBlocks::length(std::int64_t block) const {
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

template <class Value>
LayerInput<Value> BackbonePass<Value>::input_of(std::size_t i) const {
  if (i == 0) return {nullptr, values_of<float>(images_), {}};
  return {values_of<Value>(layers_[i - 1].z), nullptr, layers_[i - 1].activation()};
}

template <class Value>
struct BackbonePass<Value>::Shared {
  Tensor packed;  // the weight of the layer at hand
  Tensor sums;    // of its blocks
  OwnFloats scratch;

  /// sums: a channel and block, of at most so many blocks' channels.
  Shared(const std::vector<PassLayer<Value>>& layers, int threads, std::int64_t sums_floats)
      : packed(torch::empty({largest(layers, [](auto& layer) { return layer.packed(); })})),
        sums(torch::empty({sums_floats})),
        scratch(threads, largest(layers, [](auto& layer) { return layer.scratch(); })) {}
};

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
  if (layer.kind != Kind::kPointwise) {
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

template class BackbonePass<float>;
template class BackbonePass<Bfloat16>;

}  // namespace mobireg
