#include <cmath>

#include "core/fail.h"
#include "deploy/ncnn.h"
#include "deploy/ncnn_bin.h"
#include "deploy/ncnn_param.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

/// What a convolution says of the next one, when its output is int8.
struct Requantized {
  std::string layer;  // empty: its output is float
  float scale = 0;
};

/// The scale of x / scale out of ncnn's x * scale.
float own_scale(float ncnn_scale) { return ncnn_scale == 0 ? 0 : 1 / ncnn_scale; }

/// "headpose" of "headpose_output".
std::string head_name(const std::string& dense) { return dense.substr(0, dense.rfind('_')); }

class NcnnReader {
 public:
  NcnnReader(std::vector<NcnnLayer> layers, std::string_view bin)
      : layers_(std::move(layers)), bin_(bin) {}

  Network read() {
    input();
    if (next_is("BatchNorm")) normalization();
    while (next_is("Convolution") || next_is("ConvolutionDepthWise")) convolution();
    if (!requantized_.layer.empty()) fail("'{}' gives int8 to no convolution", requantized_.layer);
    pooling();
    heads();
    if (position_ != layers_.size()) layers_[position_].refuse("stands behind the outputs");
    bin_.finish();
    return std::move(network_);
  }

 private:
  bool next_is(const char* type) const {
    return position_ < layers_.size() && layers_[position_].type == type;
  }

  NcnnLayer take(const char* type, std::size_t bottoms, std::size_t tops) {
    if (position_ == layers_.size()) fail("it ends before a layer of type {}", type);
    NcnnLayer layer = std::move(layers_[position_++]);
    if (layer.type != type) layer.refuse(fmt::format("stands in the place of a {}", type));
    if (layer.bottoms.size() != bottoms || layer.tops.size() != tops) {
      layer.refuse(
          fmt::format("has {} inputs and {} outputs", layer.bottoms.size(), layer.tops.size()));
    }
    return layer;
  }

  /// A layer of one output that reads what the last one made.
  NcnnLayer take_next(const char* type) {
    NcnnLayer layer = take(type, 1, 1);
    if (layer.bottoms[0] != blob_) {
      layer.refuse(fmt::format("reads '{}' instead of '{}'", layer.bottoms[0], blob_));
    }
    blob_ = layer.tops[0];
    return layer;
  }

  void input() {
    NcnnLayer layer = take("Input", 0, 1);
    network_.input_size = layer.take_positive(ncnn_id::kWidth);
    network_.input_channels = layer.take_positive(ncnn_id::kChannels);
    layer.expect(ncnn_id::kHeight, network_.input_size);
    layer.finish();
    map_size_ = network_.input_size;
    channels_ = network_.input_channels;
    blob_ = layer.tops[0];
  }

  void normalization() {
    NcnnLayer layer = take_next("BatchNorm");
    layer.expect(0, channels_);
    layer.finish();
    const auto count = static_cast<std::size_t>(channels_);
    const std::vector<float> slope = bin_.floats(count, layer.name);
    network_.normalization.mean = bin_.floats(count, layer.name);
    const std::vector<float> variance = bin_.floats(count, layer.name);
    const std::vector<float> bias = bin_.floats(count, layer.name);
    for (std::size_t i = 0; i < count; ++i) {
      if (std::fabs(slope[i]) != 1 || bias[i] != 0 || !(variance[i] > 0)) {
        layer.refuse("is not (x - mean) / scale");
      }
      network_.normalization.scale.push_back(slope[i] * std::sqrt(variance[i]));
    }
  }

  void convolution() {
    const bool grouped = next_is("ConvolutionDepthWise");
    NcnnLayer layer = take_next(grouped ? "ConvolutionDepthWise" : "Convolution");
    ConvolutionLayer conv;
    conv.name = layer.name;
    conv.in_channels = channels_;
    conv.out_channels = layer.take_positive(ncnn_id::kOutputs);
    conv.kernel = layer.take_positive(ncnn_id::kKernel);
    conv.stride = layer.take_positive(ncnn_id::kStride);
    conv.pad_begin = layer.take(ncnn_id::kPadLeft);
    conv.pad_end = layer.take(ncnn_id::kPadRight);
    layer.expect(ncnn_id::kPadTop, conv.pad_begin);
    layer.expect(ncnn_id::kPadBottom, conv.pad_end);
    if (grouped) {
      conv.groups = channels_;
      layer.expect(ncnn_id::kGroups, channels_);
    }
    activation(layer, kNcnnClip);
    check_shape(layer, conv);
    convolution_weights(layer, conv);
    network_.convolutions.push_back(std::move(conv));
  }

  void check_shape(const NcnnLayer& layer, const ConvolutionLayer& conv) {
    if (conv.kernel != 1 && conv.kernel != 3) {
      layer.refuse(fmt::format("has a kernel of {}", conv.kernel));
    }
    if (conv.out_channels % conv.groups != 0) {
      layer.refuse(fmt::format("makes {} channels in {} groups", conv.out_channels, conv.groups));
    }
    const int padded = map_size_ + conv.pad_begin + conv.pad_end;
    if (padded < conv.kernel) {
      layer.refuse(fmt::format("has a kernel of {} on {} pixels", conv.kernel, padded));
    }
    map_size_ = (padded - conv.kernel) / conv.stride + 1;
    channels_ = conv.out_channels;
  }

  static void activation(NcnnLayer& layer, int needed) {
    layer.expect(ncnn_id::kActivation, needed);
    const std::string range = layer.take_text(ncnn_id::kActivationParams);
    if (range != (needed == kNcnnClip ? kNcnnZeroToSix : "")) {
      layer.refuse(fmt::format("clips to {}", in_quotes(range)));
    }
  }

  void convolution_weights(NcnnLayer& layer, ConvolutionLayer& conv) {
    const int form = layer.take(ncnn_id::kInt8);
    const bool requantize = form > kNcnnRequantize;
    const bool int8 = form != 0;
    const int needed = conv.groups > 1 ? kNcnnInt8Depthwise : kNcnnInt8;
    if (int8 && form - (requantize ? kNcnnRequantize : 0) != needed) {
      layer.refuse(fmt::format("has the int8 form {}", form));
    }
    layer.expect(ncnn_id::kBias, 1);
    const std::int64_t inputs =
        std::int64_t{conv.in_channels / conv.groups} * conv.kernel * conv.kernel;
    const int scales = conv.groups > 1 ? conv.groups : conv.out_channels;
    weights(layer, conv, {conv.out_channels, inputs, ncnn_id::kWeights, int8 ? scales : 0});
    check_requantized(conv);
    if (requantize) requantized_ = {conv.name, own_scale(bin_.floats(1, conv.name)[0])};
  }

  void check_requantized(const ConvolutionLayer& conv) {
    if (requantized_.layer.empty()) return;
    if (!conv.int8 || conv.int8->input_scale != requantized_.scale) {
      fail("'{}' gives int8 in another scale than '{}' takes", requantized_.layer, conv.name);
    }
    requantized_ = {};
  }

  struct WeightShape {
    int outputs;
    std::int64_t inputs;
    int count_id;  // of the parameter that has their number
    int scales;    // 0: they are float
  };

  template <typename Layer>
  void weights(NcnnLayer& source, Layer& layer, const WeightShape& shape) {
    const int stated = source.take(shape.count_id);
    if (shape.outputs * shape.inputs != stated) {
      source.refuse(fmt::format("says it has {} weights; {} are expected", stated,
                                shape.outputs * shape.inputs));
    }
    source.finish();
    const auto count = static_cast<std::size_t>(stated);
    const auto outputs = static_cast<std::size_t>(shape.outputs);
    if (shape.scales == 0) {
      layer.weight = bin_.weights(count, layer.name);
      layer.bias = bin_.floats(outputs, layer.name);
      return;
    }
    Int8Layer int8;
    int8.weight = bin_.int8_weights(count, layer.name);
    layer.bias = bin_.floats(outputs, layer.name);
    const auto scales = static_cast<std::size_t>(shape.scales);
    const std::vector<float> weight_scales = bin_.floats(scales, layer.name);
    for (std::size_t i = 0; i < outputs; ++i) {
      int8.weight_scale.push_back(own_scale(weight_scales[i * scales / outputs]));
    }
    int8.input_scale = own_scale(bin_.floats(1, layer.name)[0]);
    layer.int8 = std::move(int8);
  }

  void pooling() {
    if (network_.convolutions.empty()) fail("it has no convolutions");
    NcnnLayer layer = take_next("Pooling");
    layer.expect(ncnn_id::kPoolingType, kNcnnAverage);
    layer.expect(ncnn_id::kGlobalPooling, 1);
    layer.finish();
    network_.pool_size = map_size_;
  }

  std::vector<std::string> head_inputs() {
    if (!next_is("Split")) return {blob_};
    const std::size_t heads = layers_[position_].tops.size();
    NcnnLayer layer = take("Split", 1, heads);
    if (layer.bottoms[0] != blob_ || heads < 2) layer.refuse("does not split the features");
    layer.finish();
    return layer.tops;
  }

  void heads() {
    std::vector<std::string> outputs;
    for (const std::string& features : head_inputs()) {
      blob_ = features;
      outputs.push_back(head());
    }
    if (outputs.size() == 1) return;
    NcnnLayer layer = take("Concat", outputs.size(), 1);
    if (layer.bottoms != outputs) layer.refuse("does not join the heads in their order");
    layer.finish();
  }

  /// Returns the name of its output.
  std::string head() {
    NetworkHead head;
    int inputs = channels_;
    do {
      head.layers.push_back(dense(inputs));
      inputs = head.layers.back().outputs;
    } while (next_is("InnerProduct") && layers_[position_].bottoms == std::vector{blob_});
    head.name = head_name(head.layers.back().name);
    network_.heads.push_back(std::move(head));
    return blob_;
  }

  DenseLayer dense(int inputs) {
    NcnnLayer layer = take_next("InnerProduct");
    DenseLayer dense;
    dense.name = layer.name;
    dense.inputs = inputs;
    dense.outputs = layer.take_positive(ncnn_id::kOutputs);
    layer.expect(ncnn_id::kDenseBias, 1);
    const int form = layer.take(ncnn_id::kInt8);
    if (form != 0 && form != kNcnnInt8) layer.refuse(fmt::format("has the int8 form {}", form));
    const int kind = layer.take(ncnn_id::kActivation);
    if (kind != 0 && kind != kNcnnRelu) layer.refuse(fmt::format("has the activation {}", kind));
    dense.relu = kind == kNcnnRelu;
    weights(layer, dense,
            {dense.outputs, inputs, ncnn_id::kDenseWeights, form != 0 ? dense.outputs : 0});
    return dense;
  }

  std::vector<NcnnLayer> layers_;
  std::size_t position_ = 0;
  NcnnBinReader bin_;
  Network network_;
  std::string blob_;  // that the last layer made
  int channels_ = 0;  // of it
  int map_size_ = 0;
  Requantized requantized_;
};

}  // namespace

Network from_ncnn(const std::string& param, const std::string& bin, const std::string& origin) {
  try {
    return NcnnReader(parse_ncnn_param(param), bin).read();
  } catch (const Error& error) {
    fail("{}: {}", origin, error.what());
  }
}

}  // namespace mobireg
