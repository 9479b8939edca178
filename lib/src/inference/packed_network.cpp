#include "inference/packed_network.h"

#include <algorithm>
#include <limits>

#include "inference/network_checks.h"
#include "inference/packing.h"

namespace mobireg {
namespace {

constexpr float kUnlimited = std::numeric_limits<float>::infinity();

/// Fewer pixels an image than this leave a processor waiting for the weights.
constexpr int kFewPixels = 64;

/// Floats of a depthwise result that are made before the pointwise convolution reads them: where
/// its weights are few they should stay in the first cache, else the second.
constexpr std::int64_t kSmallStrip = 4096;
constexpr std::int64_t kLargeStrip = 65536;
constexpr std::int64_t kFewWeights = 16384;

class Packer {
 public:
  Packer(const Network& network, const InferenceKernels& kernels)
      : network_(network), lanes_(kernels.lanes), panel_(kernels.panel) {}

  PackedNetwork pack() {
    packed_.memory = AlignedFloats(memory_floats());
    next_ = packed_.memory.data();
    pack_input();
    pack_first();
    const std::size_t blocks = network_.convolutions.size() / 2;
    for (std::size_t i = 0; i < blocks; ++i) pack_block(i);
    packed_.maps.push_back({size_, 0, 0, padded(network_.convolutions.back().out_channels)});
    const auto few = [](const SeparableBlock& block) {
      return block.output.height * block.output.width < kFewPixels;
    };
    packed_.first_shared =
        std::find_if(packed_.blocks.begin(), packed_.blocks.end(), few) - packed_.blocks.begin();
    for (const NetworkHead& head : network_.heads) pack_head(head);
    packed_.memory_end = next_;
    packed_.outputs = network_.outputs();
    return std::move(packed_);
  }

 private:
  int vectors(int channels) const { return (channels + lanes_ - 1) / lanes_; }
  int padded(int channels) const { return vectors(channels) * lanes_; }

  float* allocate(std::int64_t floats) {
    float* const at = next_;
    next_ += floats;
    return at;
  }

  /// Room for all that is packed: each layer's weights, bias and scale.
  std::int64_t memory_floats() const {
    std::int64_t floats = 0;
    for (std::size_t i = 0; i < network_.convolutions.size(); ++i) {
      const ConvolutionLayer& layer = network_.convolutions[i];
      const int depth = layer.in_channels / layer.groups * layer.kernel * layer.kernel;
      floats += std::int64_t{depth + 2} * padded(layer.out_channels * copies(i));
    }
    for (const NetworkHead& head : network_.heads) {
      for (const DenseLayer& layer : head.layers) {
        floats += std::int64_t{padded(layer.outputs)} * (padded(layer.inputs) + 2);
      }
    }
    return floats;
  }

  template <typename Layer>
  static float weight(const Layer& layer, std::int64_t i) {
    return layer.int8 ? layer.int8->weight[i] : layer.weight[i];
  }

  static Rounding input_rounding(const std::optional<Int8Layer>& int8) {
    if (!int8) return {};
    if (int8->input_unsigned) return {1 / int8->input_scale, 0, 255};
    return {1 / int8->input_scale, -127, 127};
  }

  /// How often each output channel of convolution `i` is there: the depthwise convolution that
  /// follows may make several channels of each.
  int copies(std::size_t i) const {
    if (i + 1 >= network_.convolutions.size()) return 1;
    const ConvolutionLayer& next = network_.convolutions[i + 1];
    return next.groups == 1 ? 1 : next.out_channels / next.in_channels;
  }

  /// `channel(n)`: which of the layer's channels is the n-th.
  template <typename Layer, typename Channel>
  Epilogue epilogue(const Layer& layer, int count, const Channel& channel) {
    Epilogue epilogue;
    float* bias = allocate(padded(count));
    for (int n = 0; n < count; ++n) bias[n] = layer.bias[channel(n)];
    epilogue.bias = bias;
    if (!layer.int8) return epilogue;
    float* scale = allocate(padded(count));
    for (int n = 0; n < count; ++n) {
      scale[n] = layer.int8->input_scale * layer.int8->weight_scale[channel(n)];
    }
    epilogue.scale = scale;
    return epilogue;
  }

  /// `value(n, k)`: the k-th weight of output channel n. Zeros behind the last channel.
  template <typename Value>
  const float* pack_panels(int channels, int depth, const Value& value) {
    const int all = vectors(channels);
    float* const packed = allocate(std::int64_t{all} * lanes_ * depth);
    float* at = packed;
    int width = 0;
    for (int v = 0; v < all; v += width) {
      width = panel_width(all - v, panel_);
      for (int k = 0; k < depth; ++k) {
        for (int i = 0; i < width * lanes_; ++i, ++at) {
          const int n = v * lanes_ + i;
          if (n < channels) *at = value(n, k);
        }
      }
    }
    return packed;
  }

  void pack_input() {
    const ConvolutionLayer& layer = network_.convolutions.front();
    const InputNormalization& normalization = network_.normalization;
    PackedInput& input = packed_.input;
    input.size = network_.input_size;
    input.channels = network_.input_channels;
    input.pad_begin = layer.pad_begin;
    input.pad_end = layer.pad_end;
    input.mean = normalization.mean;
    input.scale = normalization.scale;
    if (input.mean.empty()) {
      input.mean.assign(input.channels, 0);
      input.scale.assign(input.channels, 1);
    }
    input.rounding = input_rounding(layer.int8);
    for (int channel = 0; channel < input.channels; ++channel) {
      for (int level = 0; level < 256; ++level) {
        input.levels.push_back((static_cast<float>(level) - input.mean[channel]) /
                               input.scale[channel]);
      }
    }
  }

  void pack_first() {
    const ConvolutionLayer& layer = network_.convolutions.front();
    const int repeat = copies(0);
    const int side = layer.kernel;
    const int channels = layer.out_channels * repeat;
    FirstConvolution& first = packed_.first;
    first.channels = layer.in_channels;
    first.width = packed_.input.width();
    first.kernel = side;
    first.stride = layer.stride;
    first.vectors = vectors(channels);
    first.weight = pack_panels(channels, layer.in_channels * side * side, [&](int n, int k) {
      const int row = k / (layer.in_channels * side);
      const int in = k / side % layer.in_channels;
      return weight(
          layer,
          ((std::int64_t{n / repeat} * layer.in_channels + in) * side + row) * side + k % side);
    });
    first.epilogue = epilogue(layer, channels, [&](int n) { return n / repeat; });
    first.epilogue.rounding = input_rounding(network_.convolutions[1].int8);
    size_ = output_size(layer, network_.input_size);
  }

  void pack_block(std::size_t index) {
    const ConvolutionLayer& depthwise = network_.convolutions[1 + 2 * index];
    const ConvolutionLayer& pointwise = network_.convolutions[2 + 2 * index];
    const int channels = depthwise.out_channels;
    packed_.maps.push_back({size_, depthwise.pad_begin, depthwise.pad_end, padded(channels)});
    size_ = output_size(depthwise, size_);

    SeparableBlock block;
    block.stride = depthwise.stride;
    block.depthwise_vectors = vectors(channels);
    block.depthwise_weight = pack_depthwise(depthwise);
    block.depthwise = epilogue(depthwise, channels, [](int n) { return n; });
    block.depthwise.rounding = input_rounding(pointwise.int8);

    const int repeat = copies(2 + 2 * index);
    const int outputs = pointwise.out_channels * repeat;
    block.pointwise.depth = channels;
    block.pointwise.vectors = vectors(outputs);
    block.pointwise.weight = pack_panels(outputs, channels, [&](int n, int k) {
      return weight(pointwise, std::int64_t{n / repeat} * channels + k);
    });
    block.pointwise.epilogue = epilogue(pointwise, outputs, [&](int n) { return n / repeat; });
    if (3 + 2 * index < network_.convolutions.size()) {
      block.pointwise.epilogue.rounding = input_rounding(network_.convolutions[3 + 2 * index].int8);
    } else if (network_.pool_input_scale) {
      block.pointwise.epilogue.rounding = {1 / *network_.pool_input_scale, 0, 255};
      packed_.pool_scale = *network_.pool_input_scale;
    }
    block.output.height = block.output.width = size_;
    // One cache line more, lest all pixels' channels fall on the same lines of the cache.
    block.strip_stride = padded(channels) + 16;
    const std::int64_t budget =
        std::int64_t{channels} * outputs <= kFewWeights ? kSmallStrip : kLargeStrip;
    block.strip_rows =
        static_cast<int>(std::max<std::int64_t>(1, budget / (block.strip_stride * size_)));
    packed_.blocks.push_back(block);
  }

  const float* pack_depthwise(const ConvolutionLayer& layer) {
    const int stride = padded(layer.out_channels);
    float* const packed = allocate(std::int64_t{9} * stride);
    for (int n = 0; n < layer.out_channels; ++n) {
      for (int k = 0; k < 9; ++k) packed[k * stride + n] = weight(layer, n * 9 + k);
    }
    return packed;
  }

  void pack_head(const NetworkHead& head) {
    PackedHead packed;
    for (const DenseLayer& layer : head.layers) {
      packed_.widest_dense =
          std::max({packed_.widest_dense, padded(layer.inputs), padded(layer.outputs)});
      packed.rounding.push_back(dense_rounding(layer));
      if (&layer == &head.layers.back()) {
        packed.output = pack_output(layer);
      } else {
        packed.hidden.push_back(pack_hidden(layer));
      }
    }
    packed_.heads.push_back(std::move(packed));
  }

  static Rounding dense_rounding(const DenseLayer& layer) {
    if (layer.int8 || !layer.input_scale) return input_rounding(layer.int8);
    return {1 / *layer.input_scale, 0, 255};
  }

  Epilogue dense_epilogue(const DenseLayer& layer) {
    Epilogue epilogue = this->epilogue(layer, layer.outputs, [](int n) { return n; });
    epilogue.low = layer.relu ? 0 : -kUnlimited;
    epilogue.high = kUnlimited;
    if (!layer.int8 && layer.input_scale) {
      float* scale = allocate(padded(layer.outputs));
      std::fill_n(scale, layer.outputs, *layer.input_scale);
      epilogue.scale = scale;
    }
    return epilogue;
  }

  HiddenLayer pack_hidden(const DenseLayer& layer) {
    HiddenLayer packed;
    packed.layer.depth = layer.inputs;
    packed.layer.vectors = vectors(layer.outputs);
    packed.layer.weight = pack_panels(layer.outputs, layer.inputs, [&](int n, int k) {
      return weight(layer, std::int64_t{n} * layer.inputs + k);
    });
    packed.layer.epilogue = dense_epilogue(layer);
    packed.x_stride = padded(layer.inputs);
    return packed;
  }

  OutputLayer pack_output(const DenseLayer& layer) {
    const int stride = padded(layer.inputs);
    float* const packed = allocate(std::int64_t{layer.outputs} * stride);
    for (int n = 0; n < layer.outputs; ++n) {
      for (int k = 0; k < layer.inputs; ++k) {
        packed[std::int64_t{n} * stride + k] = weight(layer, std::int64_t{n} * layer.inputs + k);
      }
    }
    OutputLayer output;
    output.weight = packed;
    output.vectors = vectors(layer.inputs);
    output.outputs = layer.outputs;
    output.epilogue = dense_epilogue(layer);
    return output;
  }

  const Network& network_;
  int lanes_;
  int panel_;
  float* next_ = nullptr;  // free memory
  int size_ = 0;           // of the map that the next layer reads
  PackedNetwork packed_;
};

}  // namespace

ActivationMap MapShape::whole(float* data) const {
  const std::int64_t row = std::int64_t{side()} * channels;
  return {data, floats(), row, channels, side(), side()};
}

ActivationMap MapShape::inside(float* data) const {
  ActivationMap map = whole(data);
  map.data += pad_begin * (map.row_stride + map.pixel_stride);
  map.height = map.width = size;
  return map;
}

PackedNetwork pack_network(const Network& network, const InferenceKernels& kernels) {
  check_network(network);
  return Packer(network, kernels).pack();
}

}  // namespace mobireg
