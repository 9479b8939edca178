#include "deploy/ncnn.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <regex>

#include "deploy/half.h"
#include "deploy/hashed_network.h"
#include "deploy/same_network.h"

namespace mobireg {
namespace {

Network normalized_outside() {
  HashedNetworkOptions options;
  options.normalization = false;
  options.alpha = 0.3;
  return hashed_network(options);
}

void check_scales(const std::vector<float>& actual, const std::vector<float>& expected) {
  REQUIRE(actual.size() == expected.size());
  // The file holds 1 / scale.
  for (std::size_t i = 0; i < actual.size(); ++i) CHECK(actual[i] == Approx(expected[i]));
}

struct CheckWeights {
  template <class Layer>
  void operator()(const Layer& actual, const Layer& expected) const {
    CHECK(actual.weight == expected.weight);
    CHECK(actual.bias == expected.bias);
    REQUIRE(actual.int8.has_value() == expected.int8.has_value());
    if (!expected.int8) return;
    CHECK(actual.int8->weight == expected.int8->weight);
    check_scales(actual.int8->weight_scale, expected.int8->weight_scale);
    check_scales({actual.int8->input_scale}, {expected.int8->input_scale});
  }
};

void check_equal(const Network& actual, const Network& expected) {
  check_network(actual, expected, CheckWeights());
}

Network read_back(const NcnnFiles& files) {
  return from_ncnn(files.param, files.bin, "model.param");
}

/// The line of a layer, blanks joined.
std::string line_of(const std::string& param, const std::string& layer) {
  const std::regex line("(^|\\n)(\\w+ +" + layer + " [^\\n]*)");
  std::smatch match;
  REQUIRE(std::regex_search(param, match, line));
  return std::regex_replace(match[2].str(), std::regex(" +"), " ");
}

TEST_CASE("ncnn files read back as the network they were written from") {
  for (Network network : {hashed_network(), landmarks_network(), normalized_outside()}) {
    check_equal(read_back(to_ncnn(network, false)), network);
    round_to_int8(network);
    check_equal(read_back(to_ncnn(network, false)), network);
  }
}

TEST_CASE("an ncnn mean and scale read back to the last bit, negative scales too") {
  Network network = hashed_network();
  network.normalization.mean = {0, 1e-3F, 123.456F};
  network.normalization.scale = {-58.1F, 0.1F, 1 / 255.0F};
  check_equal(read_back(to_ncnn(network, false)), network);
}

TEST_CASE("ncnn layers and blobs have the network's names, and pads their sides") {
  const std::string param = to_ncnn(hashed_network(), false).param;
  CHECK(param.rfind("7767517\n38 40\nInput ", 0) == 0);
  CHECK(line_of(param, "pixels") == "Input pixels 0 1 pixels 0=64 1=64 2=3");
  CHECK(line_of(param, "normalization") == "BatchNorm normalization 1 1 pixels normalization 0=3");
  CHECK(line_of(param, "conv1") ==
        "Convolution conv1 1 1 normalization conv1 0=8 1=3 3=2 4=0 14=0 15=1 16=1 5=1 6=216 9=3 "
        "-23310=2,0.000000e+00,6.000000e+00");
  CHECK(line_of(param, "conv_dw_1") ==
        "ConvolutionDepthWise conv_dw_1 1 1 conv1 conv_dw_1 0=8 1=3 3=1 4=1 14=1 15=1 16=1 5=1 "
        "6=72 7=8 9=3 -23310=2,0.000000e+00,6.000000e+00");
  CHECK(line_of(param, "features") == "Pooling features 1 1 conv_pw_13 features 0=1 4=1");
  CHECK(line_of(param, "features_split") ==
        "Split features_split 1 3 features features_pitch features_yaw features_roll");
  CHECK(line_of(param, "yaw_hidden") ==
        "InnerProduct yaw_hidden 1 1 features_yaw yaw_hidden 0=16 1=1 2=4096 9=1");
  CHECK(line_of(param, "yaw_output") ==
        "InnerProduct yaw_output 1 1 yaw_hidden yaw_output 0=1 1=1 2=16");
  CHECK(line_of(param, "outputs") ==
        "Concat outputs 3 1 pitch_output yaw_output roll_output outputs");
}

TEST_CASE("an ncnn file of one head has neither Split nor Concat") {
  const std::string param = to_ncnn(landmarks_network(), false).param;
  CHECK(param.find("Split") == std::string::npos);
  CHECK(param.find("Concat") == std::string::npos);
  CHECK(line_of(param, "landmarks_output") ==
        "InnerProduct landmarks_output 1 1 features outputs 0=136 1=1 2=34816");
}

TEST_CASE("an ncnn file of a network that is fed normalised values says so") {
  const std::string param = to_ncnn(normalized_outside(), false).param;
  CHECK(param.find("BatchNorm") == std::string::npos);
  CHECK(param.find(" normalized_pixels ") != std::string::npos);
}

TEST_CASE("ncnn's int8 convolutions hand whole numbers to each other, floats to the pooling") {
  const std::string param = to_ncnn(rounded_to_int8(hashed_network()), false).param;
  CHECK(line_of(param, "conv1").find(" 8=") == std::string::npos);
  CHECK(line_of(param, "conv_dw_1").find(" 8=101 ") != std::string::npos);
  CHECK(line_of(param, "conv_pw_1").find(" 8=102 ") != std::string::npos);
  CHECK(line_of(param, "conv_pw_13").find(" 8=2 ") != std::string::npos);
  CHECK(line_of(param, "yaw_hidden").find(" 8=2 ") != std::string::npos);
  CHECK(line_of(param, "yaw_output").find(" 8=") == std::string::npos);

  Network mixed = rounded_to_int8(hashed_network());
  mixed.convolutions[4] = hashed_network().convolutions[4];
  const std::string with_float = to_ncnn(mixed, false).param;
  CHECK(line_of(with_float, "conv_dw_2").find(" 8=1 ") != std::string::npos);
  check_equal(read_back(to_ncnn(mixed, false)), mixed);
}

TEST_CASE("an int8 channel of zeros is written and read") {
  Network network = hashed_network();
  for (std::size_t i = 0; i < 8; ++i) network.convolutions[2].weight[i] = 0;
  round_to_int8(network);
  REQUIRE(network.convolutions[2].int8->weight_scale[0] == 0);
  check_equal(read_back(to_ncnn(network, false)), network);
}

TEST_CASE("half precision halves an ncnn file and rounds its weights, not its biases") {
  const Network network = landmarks_network();
  const NcnnFiles half = to_ncnn(network, true);
  const double ratio = static_cast<double>(half.bin.size()) /
                       static_cast<double>(to_ncnn(network, false).bin.size());
  CHECK(ratio == Approx(0.5).margin(0.02));
  Network expected = network;
  for (ConvolutionLayer& conv : expected.convolutions) {
    for (float& weight : conv.weight) weight = from_half(to_half(weight));
  }
  for (float& weight : expected.heads[0].layers[0].weight) weight = from_half(to_half(weight));
  check_equal(read_back(half), expected);
}

TEST_CASE("half precision rounds to nearest, ties to even") {
  struct Case {
    float value;
    std::uint16_t half;
  };
  const float tiny = std::ldexp(1.0F, -24);  // the smallest half
  const std::vector<Case> cases{{0, 0},
                                {-0.0F, 0x8000},
                                {1, 0x3C00},
                                {-2, 0xC000},
                                {65504, 0x7BFF},
                                {65519, 0x7BFF},
                                {65520, 0x7C00},
                                {1e30F, 0x7C00},
                                {1 + std::ldexp(1.0F, -11), 0x3C00},
                                {1 + 3 * std::ldexp(1.0F, -11), 0x3C02},
                                {std::ldexp(1.0F, -14), 0x0400},
                                {tiny, 0x0001},
                                {tiny / 2, 0x0000},
                                {-1.5F * tiny, 0x8002},
                                {2 - std::ldexp(1.0F, -20), 0x4000}};
  for (const Case& a_case : cases) CHECK(to_half(a_case.value) == a_case.half);
  CHECK(std::isnan(from_half(to_half(std::nanf("")))));
}

TEST_CASE("every half precision number survives the way to float and back") {
  for (int half = 0; half < 0x10000; ++half) {
    const float value = from_half(static_cast<std::uint16_t>(half));
    if (!std::isnan(value) && to_half(value) != half) FAIL(half);
  }
}

}  // namespace
}  // namespace mobireg
