#include <torch/types.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <opencv2/dnn.hpp>
#include <set>

#include "deploy/network_executor.h"
#include "deploy/onnx_cases.h"
#include "deploy/onnx_model.h"
#include "deploy/onnx_reader.h"
#include "deploy/same_network.h"

namespace mobireg {
namespace {

/// Heads with and without a hidden layer, one and several, RGB and grey, odd widths.
std::vector<Network> kinds_of_networks() {
  HashedNetworkOptions outside;
  outside.normalization = false;
  outside.alpha = 0.3;
  outside.input_size = 32;
  return {hashed_network(), landmarks_network(), hashed_network(outside)};
}

struct CheckWeights {
  template <class Layer>
  void operator()(const Layer& actual, const Layer& expected) const {
    CHECK(actual.weight == expected.weight);
    REQUIRE(actual.int8.has_value() == expected.int8.has_value());
    if (!expected.int8) {
      CHECK(actual.bias == expected.bias);
      return;
    }
    CHECK(actual.int8->weight == expected.int8->weight);
    CHECK(actual.int8->weight_scale == expected.int8->weight_scale);
    CHECK(actual.int8->input_scale == expected.int8->input_scale);
    CHECK(actual.int8->input_unsigned == expected.int8->input_unsigned);
    // Biases are rounded to units of the sums.
    for (std::size_t c = 0; c < expected.bias.size(); ++c) {
      const double unit = double{expected.int8->input_scale} * expected.int8->weight_scale[c];
      CHECK(std::abs(actual.bias[c] - expected.bias[c]) <= 0.501 * unit);
    }
  }
};

void check_equal(const Network& actual, const Network& expected) {
  check_network(actual, expected, CheckWeights());
}

TEST_CASE("a network written as ONNX is read back as it was, in every form of the file") {
  for (const bool dynamic_batch : {false, true}) {
    for (const bool dense_as_convolution : {false, true}) {
      const OnnxOptions options{dynamic_batch, dense_as_convolution};
      for (const Network& network : kinds_of_networks()) {
        check_equal(from_onnx(onnx_of(network, options), "m.onnx"), network);
        check_equal(from_onnx(onnx_of(rounded_for_onnx(network), options), "m.onnx"),
                    rounded_for_onnx(network));
        Network signed_input = network;
        round_to_int8(signed_input);
        check_equal(from_onnx(onnx_of(signed_input, options), "m.onnx"), signed_input);
      }
    }
  }
}

std::set<std::string> operators(const std::string& bytes) {
  const OnnxModel model = parse_onnx(bytes, "m.onnx");
  std::set<std::string> ops;
  for (const OnnxNode& node : model.nodes) ops.emplace(node.op);
  return ops;
}

TEST_CASE("files use operators that every runtime handles well, and no others") {
  const Network network = hashed_network();
  CHECK(operators(onnx_of(network)) == std::set<std::string>{"Sub", "Div", "Conv", "Clip",
                                                             "AveragePool", "Flatten", "Gemm",
                                                             "Relu", "Concat"});
  CHECK(operators(onnx_of(network, {true, true})) ==
        std::set<std::string>{"Sub", "Div", "Conv", "Clip", "AveragePool", "Flatten", "Relu",
                              "Concat"});
  CHECK(operators(onnx_of(kinds_of_networks()[2])).count("Sub") == 0);
  CHECK(parse_onnx(onnx_of(network), "m").opset == 10);
  CHECK(parse_onnx(onnx_of(rounded_for_onnx(network)), "m").opset == 13);
}

TEST_CASE("names and shapes of a file's input and output say what they are") {
  const Network network = hashed_network();
  const std::string fixed = onnx_of(network);
  const OnnxModel model = parse_onnx(fixed, "m");
  CHECK(model.inputs[0].name == "pixels");
  CHECK(model.inputs[0].dims == std::vector<std::int64_t>{1, 3, 64, 64});
  CHECK(model.outputs[0].name == "outputs");
  CHECK(model.outputs[0].dims == std::vector<std::int64_t>{1, 3});
  const std::string dynamic = onnx_of(network, {true, false});
  CHECK(parse_onnx(dynamic, "m").inputs[0].dims == std::vector<std::int64_t>{-1, 3, 64, 64});
  CHECK(parse_onnx(dynamic, "m").outputs[0].dims == std::vector<std::int64_t>{-1, 3});
  const std::string outside = onnx_of(kinds_of_networks()[2]);
  CHECK(parse_onnx(outside, "m").inputs[0].name == "normalized_pixels");
}

TEST_CASE("the heads' shared input is rounded once") {
  const std::string bytes = onnx_of(rounded_for_onnx(hashed_network()));
  const OnnxModel model = parse_onnx(bytes, "m");
  const auto roundings =
      std::count_if(model.nodes.begin(), model.nodes.end(),
                    [](const OnnxNode& node) { return node.op == "QuantizeLinear"; });
  CHECK(roundings == 26 + 1 + 1 + 3);  // convolutions, pool, hidden layers' input, their outputs
}

TEST_CASE("the card of a file is the one it was written with") {
  const ModelCard card = some_card();
  CHECK(card_of_onnx(to_onnx(hashed_network(), card), "m.onnx") == card.to_json());
}

at::Tensor some_pixels(const Network& network, std::int64_t count) {
  torch::manual_seed(5);
  return (torch::rand({count, network.input_channels, network.input_size, network.input_size}) *
          255)
      .round();
}

at::Tensor run_by_opencv(const std::string& bytes, at::Tensor pixels, int outputs) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  const std::vector<int> shape{1, static_cast<int>(pixels.size(1)),
                               static_cast<int>(pixels.size(2)), static_cast<int>(pixels.size(3))};
  at::Tensor result = torch::empty({pixels.size(0), outputs});
  for (std::int64_t i = 0; i < pixels.size(0); ++i) {
    net.setInput(cv::Mat(shape, CV_32F, pixels[i].data_ptr<float>()));
    const cv::Mat out = net.forward();
    REQUIRE(out.total() == static_cast<std::size_t>(outputs));
    std::memcpy(result[i].data_ptr<float>(), out.ptr<float>(), out.total() * sizeof(float));
  }
  return result;
}

TEST_CASE("OpenCV gives a file's numbers, whichever form it has") {
  for (const Network& network : kinds_of_networks()) {
    const at::Tensor pixels = some_pixels(network, 2);
    const at::Tensor expected = execute(network, pixels);
    CHECK(expected.std().item<double>() > 0.01);
    for (const bool dynamic_batch : {false, true}) {
      for (const bool dense_as_convolution : {false, true}) {
        const std::string bytes = onnx_of(network, {dynamic_batch, dense_as_convolution});
        const at::Tensor actual = run_by_opencv(bytes, pixels, network.outputs());
        CHECK(torch::allclose(actual, expected, 1e-4, 1e-4));
      }
    }
  }
}

TEST_CASE("rounded layers give what their definition says") {
  Network network = hashed_network();
  network.convolutions.resize(1);
  network.pool_size = 32;
  network.heads = {{"a", {hashed_dense("a_output", 8, 2, false)}}};
  network.pool_input_scale = 0.05F;
  DenseLayer& dense = network.heads[0].layers[0];
  round_weights(dense, 0.004F);
  dense.int8->input_unsigned = true;
  const at::Tensor pixels = some_pixels(network, 3);

  const ConvolutionLayer& conv = network.convolutions[0];
  at::Tensor x = (pixels - torch::tensor(network.normalization.mean).view({1, 3, 1, 1})) /
                 torch::tensor(network.normalization.scale).view({1, 3, 1, 1});
  x = torch::conv2d(torch::constant_pad_nd(x, {0, 1, 0, 1}),
                    torch::tensor(conv.weight).view({8, 3, 3, 3}), torch::tensor(conv.bias), 2)
          .clamp(0, 6);
  x = (x / 0.05F).round().clamp(0, 255) * 0.05F;
  x = x.mean({2, 3});
  const at::Tensor q = (x / 0.004F).round().clamp(0, 255);
  CHECK(q.max().item<double>() == 255);  // so that the bound is tried
  const at::Tensor weight =
      torch::tensor(at::ArrayRef<std::int8_t>(dense.int8->weight), torch::kFloat).view({2, 8});
  const at::Tensor expected =
      torch::matmul(q, weight.t()) * 0.004F * torch::tensor(dense.int8->weight_scale) +
      torch::tensor(dense.bias);
  CHECK(torch::allclose(execute(network, pixels), expected, 1e-5, 1e-5));
}

TEST_CASE("a rounded network stays near the one it came from") {
  const Network network = hashed_network();
  const at::Tensor pixels = some_pixels(network, 4);
  const at::Tensor exact = execute(network, pixels);
  Network signed_input = network;
  round_to_int8(signed_input);
  CHECK((execute(rounded_for_onnx(network), pixels) - exact).abs().max().item<double>() < 0.15);
  CHECK((execute(signed_input, pixels) - exact).abs().max().item<double>() < 0.15);
}

}  // namespace
}  // namespace mobireg
