#include <cmath>
#include <cstring>

#include "core/fail.h"
#include "deploy/half.h"
#include "deploy/ncnn.h"
#include "deploy/ncnn_param.h"

namespace mobireg {
namespace {

/// The contents of a .bin file, which is little-endian.
class Bin {
 public:
  void floats(const std::vector<float>& values) { append(values); }

  void weights(const std::vector<float>& values, bool fp16, const std::string& layer) {
    append(std::vector<NcnnTag>{fp16 ? NcnnTag::kHalf : NcnnTag::kFloat});
    if (!fp16) return append(values);
    std::vector<std::uint16_t> halves;
    for (const float value : values) {
      halves.push_back(to_half(value));
      if (!std::isfinite(from_half(halves.back()))) {
        fail("{} has the weight {:g}, which half precision cannot hold (at most 65504)", layer,
             value);
      }
    }
    append(halves);
    align();
  }

  void weights(const std::vector<std::int8_t>& values) {
    append(std::vector<NcnnTag>{NcnnTag::kInt8});
    append(values);
    align();
  }

  const std::string& bytes() const { return bytes_; }

 private:
  template <typename T>
  void append(const std::vector<T>& values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  void align() { bytes_.resize((bytes_.size() + 3) / 4 * 4, '\0'); }

  std::string bytes_;
};

/// ncnn multiplies by its scales; a channel of zeros has none.
float ncnn_scale(float scale) { return scale == 0 ? 0 : 1 / scale; }

std::vector<float> ncnn_scales(std::vector<float> scales) {
  for (float& scale : scales) scale = ncnn_scale(scale);
  return scales;
}

template <typename Layer>
void check_signed(const Layer& layer) {
  if (layer.int8 && layer.int8->input_unsigned) {
    fail("{}: its inputs are rounded to 0 to 255; ncnn's int8 is -127 to 127", layer.name);
  }
}

/// One scale for the outputs of each input channel.
std::vector<float> a_group(const ConvolutionLayer& conv) {
  const std::vector<float>& all = conv.int8->weight_scale;
  const std::size_t outputs = all.size() / static_cast<std::size_t>(conv.groups);
  std::vector<float> scales;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % outputs == 0) scales.push_back(all[i]);
    if (all[i] != scales.back()) {
      fail("{} has {} outputs of an input channel with scales of their own; ncnn's int8 has one",
           conv.name, outputs);
    }
  }
  return scales;
}

class NcnnWriter {
 public:
  NcnnWriter(const Network& network, bool fp16) : network_(network), fp16_(fp16) {
    input();
    normalization();
    const auto& convolutions = network.convolutions;
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
      const bool last = i + 1 == convolutions.size();
      convolution(convolutions[i], last ? nullptr : &convolutions[i + 1]);
    }
    pooling();
    heads();
  }

  NcnnFiles files() const { return {print_ncnn_param(layers_), bin_.bytes()}; }

 private:
  NcnnLayer& add(const std::string& type, const std::string& name,
                 const std::vector<std::string>& bottoms, const std::vector<std::string>& tops) {
    layers_.push_back({type, name, bottoms, tops, {}});
    return layers_.back();
  }

  /// A layer of one input and one output, which goes on from where the last one ended.
  NcnnLayer& add_next(const std::string& type, const std::string& name) {
    const std::string bottom = layers_.back().tops[0];
    return add(type, name, {bottom}, {name});
  }

  void input() {
    const char* name = network_.normalization.mean.empty() ? "normalized_pixels" : "pixels";
    NcnnLayer& layer = add("Input", name, {}, {name});
    layer.set(ncnn_id::kWidth, network_.input_size);
    layer.set(ncnn_id::kHeight, network_.input_size);
    layer.set(ncnn_id::kChannels, network_.input_channels);
  }

  /// BatchNorm, because it keeps mean and scale as they are: the root of a float's square is the
  /// float.
  void normalization() {
    const auto& [mean, scale] = network_.normalization;
    if (mean.empty()) return;
    add_next("BatchNorm", "normalization").set(0, network_.input_channels);
    std::vector<float> slope;
    std::vector<float> variance;
    for (const float value : scale) {
      slope.push_back(std::copysign(1.0F, value));
      variance.push_back(value * value);
    }
    bin_.floats(slope);
    bin_.floats(mean);
    bin_.floats(variance);
    bin_.floats(std::vector<float>(mean.size(), 0));
  }

  void convolution(const ConvolutionLayer& conv, const ConvolutionLayer* next) {
    const bool grouped = conv.groups > 1;
    const bool requantized = conv.int8 && next != nullptr && next->int8;
    NcnnLayer& layer = add_next(grouped ? "ConvolutionDepthWise" : "Convolution", conv.name);
    layer.set(ncnn_id::kOutputs, conv.out_channels);
    layer.set(ncnn_id::kKernel, conv.kernel);
    layer.set(ncnn_id::kStride, conv.stride);
    layer.set(ncnn_id::kPadLeft, conv.pad_begin);
    layer.set(ncnn_id::kPadTop, conv.pad_begin);
    layer.set(ncnn_id::kPadRight, conv.pad_end);
    layer.set(ncnn_id::kPadBottom, conv.pad_end);
    layer.set(ncnn_id::kBias, 1);
    layer.set(ncnn_id::kWeights,
              conv.out_channels * (conv.in_channels / conv.groups) * conv.kernel * conv.kernel);
    if (grouped) layer.set(ncnn_id::kGroups, conv.groups);
    if (conv.int8) {
      layer.set(ncnn_id::kInt8,
                (grouped ? kNcnnInt8Depthwise : kNcnnInt8) + (requantized ? kNcnnRequantize : 0));
    }
    layer.set(ncnn_id::kActivation, kNcnnClip);
    layer.parameters.emplace_back(ncnn_id::kActivationParams, kNcnnZeroToSix);
    weights(conv, grouped && conv.int8 ? a_group(conv) : std::vector<float>());
    if (requantized) bin_.floats({ncnn_scale(next->int8->input_scale)});
  }

  /// group_scales: in the place of the layer's own.
  template <typename Layer>
  void weights(const Layer& layer, const std::vector<float>& group_scales) {
    check_signed(layer);
    if (layer.int8) {
      bin_.weights(layer.int8->weight);
    } else {
      bin_.weights(layer.weight, fp16_, layer.name);
    }
    bin_.floats(layer.bias);
    if (!layer.int8) return;
    bin_.floats(ncnn_scales(group_scales.empty() ? layer.int8->weight_scale : group_scales));
    bin_.floats({ncnn_scale(layer.int8->input_scale)});
  }

  void pooling() {
    if (network_.pool_input_scale) fail("ncnn cannot round a map before it is averaged");
    NcnnLayer& layer = add_next("Pooling", "features");
    layer.set(ncnn_id::kPoolingType, kNcnnAverage);
    layer.set(ncnn_id::kGlobalPooling, 1);
  }

  /// In ncnn a blob has one reader: several heads read copies (which share the memory).
  std::vector<std::string> head_inputs() {
    if (network_.heads.size() == 1) return {"features"};
    std::vector<std::string> copies;
    for (const NetworkHead& head : network_.heads) copies.push_back("features_" + head.name);
    add("Split", "features_split", {"features"}, copies);
    return copies;
  }

  void heads() {
    const std::vector<std::string> inputs = head_inputs();
    std::vector<std::string> outputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      std::string blob = inputs[i];
      for (const DenseLayer& dense : network_.heads[i].layers) blob = inner_product(dense, blob);
      outputs.push_back(blob);
    }
    if (outputs.size() == 1) {
      layers_.back().tops[0] = "outputs";
    } else {
      add("Concat", "outputs", outputs, {"outputs"});
    }
  }

  std::string inner_product(const DenseLayer& dense, const std::string& bottom) {
    NcnnLayer& layer = add("InnerProduct", dense.name, {bottom}, {dense.name});
    layer.set(ncnn_id::kOutputs, dense.outputs);
    layer.set(ncnn_id::kDenseBias, 1);
    layer.set(ncnn_id::kDenseWeights, dense.outputs * dense.inputs);
    if (dense.int8) layer.set(ncnn_id::kInt8, kNcnnInt8);
    if (dense.input_scale) fail("{}: ncnn cannot round the input of a float layer", dense.name);
    if (dense.relu) layer.set(ncnn_id::kActivation, kNcnnRelu);
    weights(dense, {});
    return dense.name;
  }

  const Network& network_;
  bool fp16_;
  std::vector<NcnnLayer> layers_;
  Bin bin_;
};

}  // namespace

NcnnFiles to_ncnn(const Network& network, bool fp16) { return NcnnWriter(network, fp16).files(); }

}  // namespace mobireg
