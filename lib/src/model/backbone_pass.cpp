#include "model/backbone_pass.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace mobireg {
namespace {

using torch::Tensor;
using Kind = PassLayer::Kind;

constexpr std::int64_t kBlockFloats = 16384;  // of z, the least that is worth a task
constexpr std::int64_t kLeastImageBlocks = 16;

/// Floats of each thread's own, 64 bytes aligned.
class ThreadBuffers {
 public:
  ThreadBuffers(std::int64_t floats, bool zeroed)
      : stride_((floats + 15) / 16 * 16),
        buffers_(zeroed ? torch::zeros({at::get_num_threads(), stride_})
                        : torch::empty({at::get_num_threads(), stride_})) {}

  float* mine() const { return buffers_.data_ptr<float>() + at::get_thread_num() * stride_; }

  /// The sum over the threads, in their order, of the first `floats`; from..to of them.
  void add_up(float* sums, std::int64_t begin, std::int64_t end) const {
    const float* from = buffers_.data_ptr<float>();
    std::copy(from + begin, from + end, sums + begin);
    for (std::int64_t t = 1; t < buffers_.size(0); ++t) {
      const float* values = from + t * stride_;
      for (std::int64_t i = begin; i < end; ++i) sums[i] += values[i];
    }
  }

  Tensor sum(std::int64_t floats) const {
    const Tensor total = torch::empty({floats});
    at::parallel_for(0, floats, 16384, [&](std::int64_t begin, std::int64_t end) {
      add_up(total.data_ptr<float>(), begin, end);
    });
    return total;
  }

 private:
  std::int64_t stride_;
  Tensor buffers_;
};

/// Adds the seconds of its life to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(double& sum) : sum_(sum), start_(Clock::now()) {}
  ~Stopwatch() { sum_ += std::chrono::duration<double>(Clock::now() - start_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& sum_;
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

/// Calls body(block, scratch) for all blocks of a layer, in parallel.
template <class Body>
void for_blocks(const PassLayer& layer, const Body& body) {
  const ThreadBuffers scratch(layer.scratch(), /*zeroed=*/false);
  at::parallel_for(0, layer.blocks.count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) body(block, scratch.mine());
  });
}

void forward_block(const PassLayer& layer, std::int64_t block, const float* x, Activation input,
                   const BlockStatistics& statistics, float* scratch) {
  const std::int64_t begin = layer.blocks.begin(block);
  const std::int64_t length = layer.blocks.length(block);
  const float* weight = layer.weight.data_ptr<float>();
  float* z = layer.z.data_ptr<float>() + begin * layer.out_floats_a_unit();
  x += begin * layer.in_floats_a_unit();
  switch (layer.kind) {
    case Kind::kFirst:
      return kernels().first_forward({layer.first(), length, x, weight, z, statistics, scratch});
    case Kind::kDepthwise:
      return kernels().depthwise_forward(
          {layer.depthwise(), length, x, input, weight, z, statistics, scratch});
    case Kind::kPointwise:
      return kernels().pointwise_forward(
          {layer.pointwise(), length, x, input, weight, z, statistics, scratch});
  }
}

void backward_block(const PassLayer& layer, std::int64_t block, const LayerBackward& backward,
                    float* dw, float* scratch) {
  const std::int64_t begin = layer.blocks.begin(block);
  const std::int64_t length = layer.blocks.length(block);
  const float* weight = layer.weight.data_ptr<float>();
  const std::int64_t at = begin * layer.out_floats_a_unit();
  const float* g = backward.g + at;
  const float* z = layer.z.data_ptr<float>() + at;
  const float* x = backward.x + begin * layer.in_floats_a_unit();
  InputGradient input;
  if (backward.input_g != nullptr) {
    float* sums = backward.input_sums + block * 2 * layer.in;
    input = {backward.input_g + begin * layer.in_floats_a_unit(), sums, sums + layer.in,
             backward.input_mean};
  }
  switch (layer.kind) {
    case Kind::kFirst:
      return kernels().first_backward(
          {layer.first(), length, g, z, backward.gradient, x, dw, scratch});
    case Kind::kDepthwise:
      return kernels().depthwise_backward({layer.depthwise(), length, g, z, backward.gradient, x,
                                           backward.input, weight, input, dw, scratch});
    case Kind::kPointwise:
      return kernels().pointwise_backward({layer.pointwise(), length, g, z, backward.gradient, x,
                                           backward.input, weight, input, dw, scratch});
  }
}

/// A weight, (out, in / groups, k, k), as the kernels take it: 3x3 kernels (3, 3, in, out) or, for
/// depthwise ones, (3, 3, channels).
Tensor kernel_weight(const PassLayer& layer, bool transposed) {
  const Tensor weight = layer.module.convolution->weight.detach();
  if (layer.kind != Kind::kPointwise) return weight.permute({2, 3, 1, 0}).contiguous();
  const Tensor packed = torch::empty({kernels().pointwise_packed(layer.pointwise())});
  const Tensor dense = weight.reshape({layer.out, layer.in}).contiguous();
  const auto pack = transposed ? kernels().pack_pointwise_transposed : kernels().pack_pointwise;
  pack(layer.pointwise(), dense.data_ptr<float>(), packed.data_ptr<float>());
  return packed;
}

/// The gradient of a weight, from the order of the kernels'.
Tensor weight_gradient(const PassLayer& layer, const Tensor& dw) {
  const Tensor& weight = layer.module.convolution->weight;
  if (layer.kind == Kind::kPointwise) return dw.view(weight.sizes());
  return dw.view({3, 3, weight.size(1), weight.size(0)})
      .permute({3, 2, 0, 1})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

std::int64_t UnitBlocks::length(std::int64_t block) const {
  return std::min(size, units - begin(block));
}

PassLayer::PassLayer(const BackboneLayer& layer, std::int64_t image_count, std::int64_t side)
    : module(layer),
      images(image_count),
      in(layer.shape.in_channels),
      out(layer.shape.out_channels),
      in_side(side),
      out_side(layer.shape.output_size) {
  kind = layer.shape.kernel == 1 ? Kind::kPointwise
                                 : (layer.shape.groups > 1 ? Kind::kDepthwise : Kind::kFirst);
  if (kind == Kind::kPointwise) {
    blocks = {pixels(), kernels().pointwise_block(pointwise()), 1};
  } else {
    const std::int64_t pixels_an_image = out_side * out_side;
    const std::int64_t enough = kBlockFloats / (pixels_an_image * out);
    blocks = {
        images,
        std::clamp<std::int64_t>(enough, 1, std::max<std::int64_t>(1, images / kLeastImageBlocks)),
        pixels_an_image};
  }
}

std::int64_t PassLayer::in_floats_a_unit() const {
  return kind == Kind::kPointwise ? in : in_side * in_side * in;
}

std::int64_t PassLayer::scratch() const {
  switch (kind) {
    case Kind::kFirst:
      return kernels().first_scratch(first());
    case Kind::kDepthwise:
      return kernels().depthwise_scratch(depthwise());
    case Kind::kPointwise:
      break;
  }
  return kernels().pointwise_scratch(pointwise(), blocks.size);
}

Activation PassLayer::activation() const {
  return {statistics.scale.data(), statistics.offset.data()};
}

BackbonePass::BackbonePass(const Tensor& images, const std::vector<BackboneLayer>& layers,
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

const float* BackbonePass::input_of(std::size_t i) const {
  return (i == 0 ? images_ : layers_[i - 1].z).data_ptr<float>();
}

Activation BackbonePass::activation_of_input(std::size_t i) const {
  return i == 0 ? Activation{} : layers_[i - 1].activation();
}

void BackbonePass::pack_weights(bool transposed) {
  const Stopwatch watch(transposed ? times_->packing.backward : times_->packing.forward);
  std::vector<std::size_t> order(layers_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return layers_[a].module.convolution->weight.numel() >
           layers_[b].module.convolution->weight.numel();
  });
  // Dealt out to the threads, the large ones first.
  const std::int64_t threads = at::get_num_threads();
  at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t thread = begin; thread < end; ++thread) {
      for (auto k = static_cast<std::size_t>(thread); k < order.size();
           k += static_cast<std::size_t>(threads)) {
        PassLayer& layer = layers_[order[k]];
        if (transposed && layer.kind != Kind::kPointwise) continue;
        layer.weight = kernel_weight(layer, transposed);
      }
    }
  });
}

void BackbonePass::forward_layer(std::size_t i) {
  PassLayer& layer = layers_[i];
  const Stopwatch watch(times_of(layer.kind, *times_).forward);
  const bool training = layer.module.normalization->is_training();
  const auto out = static_cast<std::size_t>(layer.out);
  const auto count = static_cast<std::size_t>(layer.blocks.count());
  std::vector<float> sums(training ? count * 3 * out : 0);
  layer.z = torch::empty({layer.pixels(), layer.out});
  for_blocks(layer, [&](std::int64_t block, float* scratch) {
    BlockStatistics statistics;
    if (training) {
      float* at = sums.data() + static_cast<std::size_t>(block) * 3 * out;
      statistics = {at, at + out, at + 2 * out};
    }
    forward_block(layer, block, input_of(i), activation_of_input(i), statistics, scratch);
  });
  if (!keep_ && i > 0) layers_[i - 1].z = Tensor();
  if (!training) {
    layer.statistics = running_statistics(*layer.module.normalization);
    return;
  }
  std::vector<std::int64_t> rows;
  for (std::int64_t block = 0; block < layer.blocks.count(); ++block) {
    rows.push_back(layer.blocks.length(block) * layer.blocks.pixels_a_unit);
  }
  layer.statistics = batch_statistics(sums, rows, *layer.module.normalization);
}

Tensor BackbonePass::pool() const {
  const PassLayer& last = layers_.back();
  const PoolShape shape{last.out, last.out_side * last.out_side};
  const Tensor y = torch::empty({last.images, last.out});
  at::parallel_for(0, last.images, 8, [&](std::int64_t begin, std::int64_t end) {
    kernels().pool_forward({shape, end - begin,
                            last.z.data_ptr<float>() + begin * shape.pixels * shape.channels,
                            last.activation(), y.data_ptr<float>() + begin * shape.channels});
  });
  return y;
}

Tensor BackbonePass::forward() {
  pack_weights(/*transposed=*/false);
  for (std::size_t i = 0; i < layers_.size(); ++i) forward_layer(i);
  return pool();
}

Tensor BackbonePass::backward_pool(const Tensor& dy, std::vector<float>& sums) const {
  const PassLayer& last = layers_.back();
  const PoolShape shape{last.out, last.out_side * last.out_side};
  const UnitBlocks blocks{last.images, 4, shape.pixels};
  const Tensor g = torch::empty_like(last.z);
  sums.assign(static_cast<std::size_t>(blocks.count() * 2 * last.out), 0.0F);
  at::parallel_for(0, blocks.count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t image = blocks.begin(block);
      const std::int64_t at = image * shape.pixels * shape.channels;
      float* sum = sums.data() + block * 2 * last.out;
      kernels().pool_backward(
          {shape,
           blocks.length(block),
           dy.data_ptr<float>() + image * shape.channels,
           last.z.data_ptr<float>() + at,
           last.activation(),
           {g.data_ptr<float>() + at, sum, sum + last.out, last.statistics.mean_float.data()}});
    }
  });
  return g;
}

Tensor BackbonePass::backward_layer(std::size_t i, const LayerBackward& backward,
                                    bool need_weight) const {
  const PassLayer& layer = layers_[i];
  const std::int64_t floats = need_weight ? layer.module.convolution->weight.numel() : 0;
  const ThreadBuffers dw(floats, /*zeroed=*/true);
  for_blocks(layer, [&](std::int64_t block, float* scratch) {
    backward_block(layer, block, backward, need_weight ? dw.mine() : nullptr, scratch);
  });
  return need_weight ? weight_gradient(layer, dw.sum(floats)) : Tensor();
}

std::vector<Tensor> BackbonePass::backward(const Tensor& dy, const std::vector<bool>& needed) {
  std::vector<Tensor> gradients(needed.size());
  const auto lowest =
      static_cast<std::size_t>(std::find(needed.begin(), needed.end(), true) - needed.begin()) / 3;
  pack_weights(/*transposed=*/true);
  std::vector<float> sums;
  Tensor g = backward_pool(dy.contiguous(), sums);
  for (std::size_t i = layers_.size(); i-- > lowest;) {
    const PassLayer& layer = layers_[i];
    const Stopwatch watch(times_of(layer.kind, *times_).backward);
    LayerGradients own = layer_gradients(sums, layer.pixels(), layer.statistics);
    if (needed[3 * i + 1]) gradients[3 * i + 1] = own.weight;
    if (needed[3 * i + 2]) gradients[3 * i + 2] = own.bias;
    LayerBackward backward{g.data_ptr<float>(),
                           {layer.statistics.scale.data(), own.slope.data(), own.constant.data()},
                           input_of(i),
                           activation_of_input(i)};
    Tensor input_g;
    std::vector<float> input_sums;
    if (i > lowest) {
      input_g = torch::empty_like(layers_[i - 1].z);
      input_sums.resize(static_cast<std::size_t>(layer.blocks.count() * 2 * layer.in));
      backward.input_g = input_g.data_ptr<float>();
      backward.input_mean = layers_[i - 1].statistics.mean_float.data();
      backward.input_sums = input_sums.data();
    }
    gradients[3 * i] = backward_layer(i, backward, needed[3 * i]);
    g = input_g;
    sums = std::move(input_sums);
  }
  return gradients;
}

}  // namespace mobireg
