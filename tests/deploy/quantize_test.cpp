#include "deploy/quantize.h"

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "deploy/hashed_network.h"
#include "deploy/ncnn.h"
#include "deploy/network_executor.h"
#include "deploy/onnx_cases.h"
#include "deploy/onnx_reader.h"
#include "deploy/quantize_equalize.h"
#include "deploy/quantize_layers.h"
#include "deploy/quantize_weights.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

HashedNetworkOptions small() {
  HashedNetworkOptions options;
  options.input_size = 32;
  options.alpha = 0.125;
  return options;
}

/// Smooth pictures, so that they differ in more than noise.
at::Tensor pictures(std::int64_t count, const std::string& name = "pictures", int size = 32) {
  const std::vector<float> coarse =
      hashed_values(name, static_cast<std::size_t>(count) * 3 * 16, 127.5);
  const at::Tensor grid = torch::tensor(coarse).view({count, 3, 4, 4}) + 127.5;
  return torch::upsample_bilinear2d(grid, c10::IntArrayRef{size, size}, false).contiguous();
}

/// Mean |difference| over the outputs' standard deviation.
double error(const Network& made, const Network& exact, const at::Tensor& images) {
  const at::Tensor expected = execute(exact, images);
  const at::Tensor difference = (execute(made, images) - expected).abs().mean(0);
  return (difference / expected.std(0)).mean().item<double>();
}

/// The same function, by channels of very different ranges.
Network uneven(Network network) {
  for (std::size_t i = 2; i + 1 < network.convolutions.size(); i += 2) {
    ConvolutionLayer& layer = network.convolutions[i];
    ConvolutionLayer& next = network.convolutions[i + 1];
    const std::size_t inputs = layer.weight.size() / layer.bias.size();
    for (std::size_t c = 0; c < layer.bias.size(); c += 2) {
      for (std::size_t k = 0; k < inputs; ++k) layer.weight[c * inputs + k] /= 4;
      layer.bias[c] /= 4;
      for (std::size_t k = 0; k < 9; ++k) next.weight[c * 9 + k] *= 4;
    }
  }
  return network;
}

QuantizeOptions options_for(Int8Target target, std::optional<double> equalization = {},
                            std::optional<RangeMethod> method = RangeMethod::kMinMax) {
  QuantizeOptions options;
  options.target = target;
  options.recipe = QuantizeRecipe{equalization, method};
  return options;
}

std::vector<Int8Layer> int8_layers(const Network& network) {
  std::vector<Int8Layer> layers;
  for (const ConvolutionLayer& layer : network.convolutions) {
    if (layer.int8) layers.push_back(*layer.int8);
  }
  for (const NetworkHead& head : network.heads) {
    for (const DenseLayer& layer : head.layers) {
      if (layer.int8) layers.push_back(*layer.int8);
    }
  }
  return layers;
}

TEST_CASE("all layers but the first convolution and the heads' last ones become int8") {
  const Network network = hashed_network(small());
  for (const Int8Target target : {Int8Target::kOnnx, Int8Target::kNcnn}) {
    const QuantizedNetwork made = quantize(network, pictures(12), options_for(target));
    CHECK(int8_layers(made.network).size() == 26 + 3);
    CHECK_FALSE(made.network.convolutions[0].int8);
    for (const NetworkHead& head : made.network.heads) CHECK_FALSE(head.layers.back().int8);
    CHECK(made.layers.size() == 27 + 6);
    for (const QuantizedLayer& layer : made.layers) {
      CHECK(layer.int8 ==
            (layer.name != "conv1" && layer.name.find("_output") == std::string::npos));
      CHECK(layer.error < 0.5);
    }
  }
}

TEST_CASE("the int8 network's outputs are the float network's, nearly, on other images too") {
  const Network network = hashed_network(small());
  const at::Tensor others = pictures(40, "others");
  for (const Int8Target target : {Int8Target::kOnnx, Int8Target::kNcnn}) {
    QuantizeOptions options;
    options.target = target;
    const QuantizedNetwork made = quantize(network, pictures(40), options);
    const double found = error(made.network, network, others);
    CHECK(found > 1e-5);
    CHECK(found < 0.3);
  }
}

TEST_CASE("products for ONNX fit into 16 bits in pairs, whatever the inputs") {
  const QuantizedNetwork made =
      quantize(hashed_network(small()), pictures(8), options_for(Int8Target::kOnnx));
  for (const Int8Layer& layer : int8_layers(made.network)) {
    CHECK(layer.input_unsigned);
    int largest = 0;
    for (const std::int8_t weight : layer.weight)
      largest = std::max(largest, std::abs(int{weight}));
    CHECK(2 * 255 * largest <= 32767);
    CHECK(largest == 63);
  }
}

TEST_CASE("ncnn gets signed inputs, and a scale for all outputs of an input channel") {
  HashedNetworkOptions wide = small();
  wide.depth_multiplier = 2;
  const QuantizedNetwork made =
      quantize(hashed_network(wide), pictures(8), options_for(Int8Target::kNcnn));
  for (const Int8Layer& layer : int8_layers(made.network)) CHECK_FALSE(layer.input_unsigned);
  const std::vector<float>& scales = made.network.convolutions[1].int8->weight_scale;
  for (std::size_t i = 0; i < scales.size(); i += 2) CHECK(scales[i] == scales[i + 1]);
  CHECK_FALSE(made.network.pool_input_scale);
  CHECK_FALSE(made.network.heads[0].layers[1].input_scale);
}

TEST_CASE("the writers take what the quantiser makes, and it is read back with the same outputs") {
  const Network network = hashed_network(small());
  const at::Tensor images = pictures(8);
  const Network onnx = quantize(network, images, options_for(Int8Target::kOnnx, 0.5)).network;
  CHECK(onnx.pool_input_scale);
  CHECK(onnx.heads[0].layers[1].input_scale);
  const Network from_file = from_onnx(onnx_of(onnx), "m.onnx");
  CHECK(torch::equal(execute(from_file, images), execute(onnx, images)));
  const Network ncnn = quantize(network, images, options_for(Int8Target::kNcnn, 0.5)).network;
  const NcnnFiles files = to_ncnn(ncnn, false);
  // ncnn keeps the scales' inverses: an input may be rounded to the other side.
  CHECK(error(from_ncnn(files.param, files.bin, "m.param"), ncnn, images) < 0.02);
}

TEST_CASE("biases are whole numbers of the sums' units, as ONNX keeps them") {
  const Network made =
      quantize(hashed_network(small()), pictures(8), options_for(Int8Target::kOnnx)).network;
  const ConvolutionLayer& layer = made.convolutions[4];
  for (std::size_t i = 0; i < layer.bias.size(); ++i) {
    const double units =
        layer.bias[i] / (double{layer.int8->input_scale} * double{layer.int8->weight_scale[i]});
    CHECK(units == Approx(std::round(units)).margin(std::abs(units) * 1e-6 + 1e-6));
  }
}

TEST_CASE("each layer's mean shift is taken up by its bias") {
  const Network network = hashed_network(small());
  const at::Tensor images = pictures(40);
  const Network made = quantize(network, images, options_for(Int8Target::kNcnn)).network;
  const at::Tensor difference = execute(made, images) - execute(network, images);
  const at::Tensor shift = difference.mean(0).abs();
  CHECK((shift < 0.05 * difference.abs().mean(0)).all().item<bool>());
}

TEST_CASE("equalised channels compute the same, and lose less in int8") {
  const Network network = uneven(hashed_network(small()));
  const at::Tensor images = pictures(24);
  HashedNetworkOptions doubled = small();
  doubled.depth_multiplier = 2;
  const Network wide = hashed_network(doubled);
  CHECK(error(equalized(wide, images, 0.5), wide, images) < 1e-4);
  for (const double pointwise : {0.0, 0.5, 1.0}) {
    const Network same = equalized(network, images, pointwise);
    CHECK(error(same, network, images) < 1e-4);
    CHECK(same.convolutions[4].weight != network.convolutions[4].weight);
    CHECK((same.convolutions[5].weight != network.convolutions[5].weight));
  }
  const auto error_of = [&](std::optional<double> equalization) {
    const auto options = options_for(Int8Target::kNcnn, equalization);
    return error(quantize(network, images, options).network, network, images);
  };
  CHECK(error_of(0.0) < 0.9 * error_of(std::nullopt));
}

TEST_CASE("the recipe is chosen by measurement: where channels are uneven they are equalised") {
  const Network network = uneven(hashed_network(small()));
  const at::Tensor images = pictures(32);
  const QuantizedNetwork chosen = quantize(network, images, {});
  const QuantizedNetwork plain = quantize(network, images, options_for(Int8Target::kOnnx));
  CHECK(chosen.recipe.equalization);
  CHECK_FALSE(plain.recipe.equalization);
  CHECK(error(chosen.network, network, images) < 0.85 * error(plain.network, network, images));
}

TEST_CASE("ranges: min-max keeps an outlier, percentile and square error do not") {
  at::Tensor x = torch::tensor(hashed_values("x", 100000, 1)).abs();
  x[5] = 6;
  CHECK(find_range(x, RangeMethod::kMinMax, 127) == 6);
  CHECK(find_range(x, RangeMethod::kPercentile, 127) == Approx(1).epsilon(0.01));
  const double by_error = find_range(x, RangeMethod::kMse, 127);
  CHECK(by_error < 4.5);
  CHECK(by_error >= 1);
  // Where steps are plenty, the outlier is worth them.
  CHECK(find_range(x, RangeMethod::kMse, 1 << 20) == 6);
  CHECK(find_range(torch::zeros({4, 4}), RangeMethod::kMse, 255) == 1);
}

TEST_CASE("without a method each layer gets the one of least error") {
  const QuantizedNetwork made =
      quantize(hashed_network(small()), pictures(16), options_for(Int8Target::kNcnn, 0.0, {}));
  std::set<RangeMethod> methods;
  for (const QuantizedLayer& layer : made.layers) {
    if (layer.int8) methods.insert(layer.method);
  }
  CHECK(methods.size() > 1);
}

TEST_CASE("channels of zeros, and inputs of zeros, become numbers") {
  Network network = hashed_network(small());
  for (float& weight : network.convolutions[4].weight) weight = 0;
  for (float& bias : network.convolutions[4].bias) bias = -1;  // and ReLU6: all zero behind it
  ConvolutionLayer& tiny = network.convolutions[8];
  for (std::size_t k = 0; k < tiny.weight.size() / tiny.bias.size(); ++k) tiny.weight[k] = 1e-30F;
  tiny.bias[0] = 3;  // far above what weights of that size can add to
  for (const Int8Target target : {Int8Target::kOnnx, Int8Target::kNcnn}) {
    const Network made = quantize(network, pictures(8), options_for(target)).network;
    CHECK(execute(made, pictures(8)).isfinite().all().item<bool>());
    CHECK(made.convolutions[8].bias[0] == Approx(3).margin(0.1));
    if (target == Int8Target::kOnnx) CHECK_NOTHROW(onnx_of(made));
  }
}

TEST_CASE("a layer that is named stays in float") {
  const Network network = hashed_network(small());
  QuantizeOptions options = options_for(Int8Target::kOnnx);
  options.float_layers = {"conv_dw_3", "yaw_hidden"};
  const Network made = quantize(network, pictures(8), options).network;
  CHECK_FALSE(made.convolutions[5].int8);
  CHECK(made.convolutions[5].weight == network.convolutions[5].weight);
  CHECK(made.convolutions[6].int8);
  CHECK_FALSE(made.heads[1].layers[0].int8);
  CHECK(made.heads[0].layers[0].int8);
  options.float_layers = {"conv_dw_33"};
  CHECK_THROWS_WITH(quantize(network, pictures(8), options),
                    "the network has no layer 'conv_dw_33' that could be kept in float");
}

TEST_CASE("there must be an image to calibrate on") {
  CHECK_THROWS_WITH(quantize(hashed_network(small()), torch::empty({0, 3, 32, 32}), {}),
                    "int8 needs images to calibrate on, and there is none");
  CHECK_NOTHROW(quantize(hashed_network(small()), pictures(1), {}));
}

TEST_CASE("weights are rounded at the scale of least error, their inputs' sizes counted") {
  DenseLayer dense = hashed_dense("d", 64, 2, false);
  dense.weight[0] = 10;  // an outlier of output 0, whose input is always zero
  at::Tensor x = torch::ones({4, 64});
  x.select(1, 0).fill_(0);
  const Int8Layer made = int8_layer(dense, x, 0.01F, int8_format(Int8Target::kNcnn));
  CHECK(made.weight_scale[0] < 0.7F * 10 / 127);
  x.fill_(1);
  const Int8Layer heeded = int8_layer(dense, x, 0.01F, int8_format(Int8Target::kNcnn));
  CHECK(heeded.weight_scale[0] > 0.9F * 10 / 127);
}

}  // namespace
}  // namespace mobireg
