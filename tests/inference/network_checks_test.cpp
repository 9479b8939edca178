#include "inference/network_checks.h"

#include <catch2/catch.hpp>
#include <limits>

#include "inference/engine.h"
#include "made_network.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

/// What InferenceEngine says of a network that `spoil` has changed.
template <class Spoil>
std::string complaint(const Spoil& spoil) {
  Network network = made_network({});
  spoil(network);
  try {
    const InferenceEngine engine(network);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

Int8Layer int8_of(const std::vector<float>& weight, std::size_t outputs) {
  Int8Layer int8;
  int8.weight.assign(weight.size(), 1);
  int8.weight_scale.assign(outputs, 1.0F);
  return int8;
}

TEST_CASE("InferenceEngine takes a network as it was made") {
  CHECK(complaint([](Network&) {}) == "none");
}

TEST_CASE("InferenceEngine says what is wrong with a network's form") {
  CHECK(complaint([](Network& n) { n.convolutions.pop_back(); }) ==
        "26 convolutions; a network of one and pairs of two was expected");
  CHECK(complaint([](Network& n) { n.convolutions.resize(1); }) ==
        "1 convolutions; a network of one and pairs of two was expected");
  CHECK(complaint([](Network& n) { n.heads.clear(); }) == "the network has no heads");
  CHECK(complaint([](Network& n) { n.heads[1].layers.clear(); }) == "head head1: no layers");
  CHECK(complaint([](Network& n) { n.input_size = 0; }) == "an input of 0x0 pixels and 3 channels");
  CHECK(complaint([](Network& n) { n.convolutions[0].groups = 3; }) ==
        "layer conv1: the first convolution cannot have groups");
  CHECK(complaint([](Network& n) { n.convolutions[1].groups = 1; }) ==
        "layer conv_dw_1: a 3x3 depthwise convolution must be in its place");
  CHECK(complaint([](Network& n) { n.convolutions[2].stride = 2; }) ==
        "layer conv_pw_1: a pointwise convolution must be in its place");
  CHECK(complaint([](Network& n) { n.convolutions[3].stride = 0; }) ==
        "layer conv_dw_2: kernel 3, stride 0, groups 16, 16 channels; all must be positive");
  CHECK(complaint([](Network& n) { n.convolutions[3].pad_end = 3; }) ==
        "layer conv_dw_2: padding of 0 and 3 pixels; the kernel has 3");
}

TEST_CASE("InferenceEngine says which sizes of a network do not agree") {
  CHECK(complaint([](Network& n) { n.input_channels = 1; }) ==
        "3 means and 3 scales for 1 channels");
  CHECK(complaint([](Network& n) { n.normalization.scale.pop_back(); }) ==
        "3 means and 2 scales for 3 channels");
  CHECK(complaint([](Network& n) {
          n.normalization = {};
          n.input_channels = 1;
        }) == "layer conv1: takes 3 channels, but gets 1");
  CHECK(complaint([](Network& n) { n.convolutions[4].weight.pop_back(); }) ==
        "layer conv_pw_2: 511 weights, not 512");
  CHECK(complaint([](Network& n) { n.convolutions[4].bias.push_back(0); }) ==
        "layer conv_pw_2: 33 biases, not 32");
  CHECK(complaint([](Network& n) { n.input_size = 64; }) ==
        "the pooling is over 1x1 pixels, but the last map has 2x2");
  CHECK(complaint([](Network& n) {
          n.input_size = 1;
          n.convolutions[0].pad_end = 0;
        }) == "layer conv1: its input of 1x1 pixels is too small");
  CHECK(complaint([](Network& n) { n.heads[0].layers[1].inputs = 15; }) ==
        "layer head0_output: takes 15 values, but gets 16");
  CHECK(complaint([](Network& n) { n.heads[0].layers[1].outputs = 0; }) ==
        "layer head0_output: 0 outputs");
  CHECK(complaint([](Network& n) { n.heads[0].layers[1].weight.clear(); }) ==
        "layer head0_output: 0 weights, not 16");
}

TEST_CASE("InferenceEngine says what is wrong with an int8 layer") {
  const auto spoilt = [](const auto& spoil) {
    return complaint([&](Network& network) {
      ConvolutionLayer& layer = network.convolutions[4];
      layer.int8 = int8_of(layer.weight, layer.bias.size());
      spoil(*layer.int8);
    });
  };
  CHECK(spoilt([](Int8Layer&) {}) == "none");
  CHECK(spoilt([](Int8Layer& int8) { int8.weight.pop_back(); }) ==
        "layer conv_pw_2: 511 weights, not 512");
  CHECK(spoilt([](Int8Layer& int8) { int8.weight_scale.pop_back(); }) ==
        "layer conv_pw_2: 31 weight scales, not 32");
  CHECK(spoilt([](Int8Layer& int8) { int8.input_scale = 0; }) ==
        "layer conv_pw_2: its input is rounded by a scale of 0; it must be positive");
  CHECK(complaint([](Network& n) { n.heads[0].layers[0].input_scale = -1.0F; }) ==
        "layer head0_hidden: its input is rounded by a scale of -1; it must be positive");
  CHECK(complaint([](Network& n) {
          n.pool_input_scale = std::numeric_limits<float>::infinity();
        }) == "layer pool: its input is rounded by a scale of inf; it must be positive");
}

}  // namespace
}  // namespace mobireg
