#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <limits>
#include <regex>

#include "deploy/hashed_network.h"
#include "deploy/ncnn.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string read_error(const std::string& param, const std::string& bin) {
  return message_of([&] { from_ncnn(param, bin, "model.param"); });
}

std::string replaced(const std::string& text, const std::string& pattern, const std::string& by) {
  std::string changed =
      std::regex_replace(text, std::regex(pattern), by, std::regex_constants::format_first_only);
  REQUIRE(changed != text);
  return changed;
}

TEST_CASE("what ncnn has no form for is refused") {
  Network heavy = hashed_network();
  heavy.convolutions[2].weight[5] = -7e4F;
  CHECK(message_of([&] { to_ncnn(heavy, true); }) ==
        "conv_pw_1 has the weight -70000, which half precision cannot hold (at most 65504)");
  CHECK_NOTHROW(to_ncnn(heavy, false));

  Network grouped = rounded_to_int8(landmarks_network());
  grouped.convolutions[1].int8->weight_scale[1] *= 2;
  CHECK(message_of([&] { to_ncnn(grouped, false); }) ==
        "conv_dw_1 has 2 outputs of an input channel with scales of their own; ncnn's int8 has "
        "one");

  Network without_sign = rounded_to_int8(hashed_network());
  without_sign.heads[1].layers[0].int8->input_unsigned = true;
  CHECK(message_of([&] { to_ncnn(without_sign, false); }) ==
        "yaw_hidden: its inputs are rounded to 0 to 255; ncnn's int8 is -127 to 127");

  Network rounded_pooling = rounded_to_int8(hashed_network());
  rounded_pooling.pool_input_scale = 0.1F;
  CHECK(message_of([&] { to_ncnn(rounded_pooling, false); }) ==
        "ncnn cannot round a map before it is averaged");

  Network rounded_input = rounded_to_int8(hashed_network());
  rounded_input.heads[2].layers[1].input_scale = 0.1F;
  CHECK(message_of([&] { to_ncnn(rounded_input, false); }) ==
        "roll_output: ncnn cannot round the input of a float layer");
}

TEST_CASE("a foreign or damaged .param file is refused in one line") {
  const NcnnFiles files = to_ncnn(hashed_network(), false);
  const std::string& param = files.param;
  struct Case {
    std::string param;
    std::string message;
  };
  const std::vector<Case> cases{
      {"", "not an ncnn .param file: it does not begin with 7767517"},
      {"\x08\x07ONNX", "not an ncnn .param file: it does not begin with 7767517"},
      {replaced(param, "\n38 40", "\nx 40"),
       "line 2: the number of layers is 'x'; it must be a whole number of 0 to 1000"},
      {replaced(param, "\n38 40", "\n38"),
       "line 2: the number of blobs is ''; it must be a whole number of 0 to 1000"},
      {replaced(param, "\n38 40", "\n39 40"), "it has 38 layers, where its second line says 39"},
      {replaced(param, "\n38 40", "\n38 41"),
       "its layers make 40 blobs, where its second line says 41"},
      {replaced(param, "Pooling [^\n]*", "Pooling"), "line 32: 'Pooling' is no layer"},
      {replaced(param, "( features +)1 1 conv_pw_13 [^\n]*", "$1 1 1 conv_pw_13"),
       "line 32: the layer 'features' is cut off"},
      {replaced(param, "0=64", "0:64"), "line 3: '0:64' is no parameter"},
      {replaced(param, "0=64", "0=6x"),
       "the layer 'pixels': parameter 0 is '6x'; it must be a whole number of 0 to 100000000"},
      {replaced(param, "1=64", "1=32"),
       "the layer 'pixels' (Input) has the parameter 1=32, where 64 is expected; mobireg reads "
       "only what it writes"},
      {replaced(param, "0=64", ""),
       "the layer 'pixels' (Input) lacks the parameter 0; mobireg reads only what it writes"},
      {replaced(param, "6=216", "6=216 19=1"),
       "the layer 'conv1' (Convolution) has the parameter 19; mobireg reads only what it writes"},
      {replaced(param, "6=216", "6=217"),
       "the layer 'conv1' (Convolution) says it has 217 weights; 216 are expected; mobireg reads "
       "only what it writes"},
      {replaced(param, "1=3 3=2", "1=5 3=2"),
       "the layer 'conv1' (Convolution) has a kernel of 5; mobireg reads only what it writes"},
      {replaced(param, "6.000000e\\+00", "1.0"),
       "the layer 'conv1' (Convolution) clips to '2,0.000000e+00,1.0'; mobireg reads only what it "
       "writes"},
      {replaced(param, "0=8 1=3 3=1", "0=12 1=3 3=1"),
       "the layer 'conv_dw_1' (ConvolutionDepthWise) makes 12 channels in 8 groups; mobireg reads "
       "only what it writes"},
      {replaced(param, "6=72 7=8", "6=72 7=8 8=2"),
       "the layer 'conv_dw_1' (ConvolutionDepthWise) has the int8 form 2; mobireg reads only what "
       "it writes"},
      {replaced(param, " conv1 conv_dw_1", " pixels conv_dw_1"),
       "the layer 'conv_dw_1' (ConvolutionDepthWise) reads 'pixels' instead of 'conv1'; mobireg "
       "reads only what it writes"},
      {replaced(param, "Pooling ", "Softmax "),
       "the layer 'features' (Softmax) stands in the place of a Pooling; mobireg reads only what "
       "it writes"},
      {replaced(param, " 1 3 features ", " 1 3 conv_pw_13 "),
       "the layer 'features_split' (Split) does not split the features; mobireg reads only what "
       "it writes"},
      {replaced(param, "2=4096 9=1", "2=4096 9=2"),
       "the layer 'pitch_hidden' (InnerProduct) has the activation 2; mobireg reads only what it "
       "writes"},
      {replaced(param, "2=4096 9=1", "2=4096 8=1 9=1"),
       "the layer 'pitch_hidden' (InnerProduct) has the int8 form 1; mobireg reads only what it "
       "writes"},
      {replaced(param, " pitch_output yaw_output roll", " yaw_output pitch_output roll"),
       "the layer 'outputs' (Concat) does not join the heads in their order; mobireg reads only "
       "what it writes"},
  };
  for (const Case& a_case : cases) {
    CHECK(read_error(a_case.param, files.bin) == "model.param: " + a_case.message);
  }
}

TEST_CASE("an ncnn network too deep for its input is refused") {
  const NcnnFiles files = to_ncnn(hashed_network(), false);
  const std::string unpadded =
      replaced(replaced(files.param, "0=64 1=64", "0=2 1=2"), "15=1 16=1", "15=0 16=0");
  CHECK(read_error(unpadded, files.bin) ==
        "model.param: the layer 'conv1' (Convolution) has a kernel of 3 on 2 pixels; mobireg reads "
        "only what it writes");
}

TEST_CASE("an ncnn file with a layer too few or too many is refused") {
  const NcnnFiles files = to_ncnn(hashed_network(), false);
  const std::string more = replaced(files.param, "38 40", "39 41") + "ReLU a 1 1 outputs b\n";
  CHECK(read_error(more, files.bin) ==
        "model.param: the layer 'a' (ReLU) stands behind the outputs; mobireg reads only what it "
        "writes");
  CHECK(read_error("7767517\n1 1\nInput a 0 1 a 0=64 1=64 2=3\n", "") ==
        "model.param: it has no convolutions");
  CHECK(read_error("7767517\n0 0\n", "") == "model.param: it ends before a layer of type Input");
  CHECK(read_error("7767517\n1 2\nInput a 0 2 a b 0=64 1=64 2=3\n", "") ==
        "model.param: the layer 'a' (Input) has 0 inputs and 2 outputs; mobireg reads only what it "
        "writes");
}

TEST_CASE("int8 scales that do not fit together are refused") {
  const NcnnFiles files = to_ncnn(rounded_to_int8(hashed_network()), false);
  const std::string other = replaced(files.param, "7=8 8=101", "7=8 8=1");
  CHECK(read_error(other, files.bin).find("does not belong to the .param file") !=
        std::string::npos);
  CHECK(read_error(replaced(files.param, "8=2 9=3", "8=102 9=3"), files.bin) ==
        "model.param: 'conv_pw_13' gives int8 to no convolution");

  // conv1 takes 216 floats, conv_dw_1 8 x 9 int8, 8 biases, 8 scales, one of its input, one of
  // its output.
  const std::size_t output_scale = 4 * (12 + 1 + 216 + 8) + 4 * (1 + 8 * 9 / 4 + 8 + 8 + 1);
  std::string bin = files.bin;
  float scale = 0;
  std::memcpy(&scale, bin.data() + output_scale, sizeof(scale));
  CHECK(scale == Approx(127.0 / 6));
  scale *= 2;
  std::memcpy(bin.data() + output_scale, &scale, sizeof(scale));
  CHECK(read_error(files.param, bin) ==
        "model.param: 'conv_dw_1' gives int8 in another scale than 'conv_pw_1' takes");
}

TEST_CASE("a .bin file that is truncated anywhere, or too long, is refused in one line") {
  for (const NcnnFiles& files :
       {to_ncnn(hashed_network(), true), to_ncnn(rounded_to_int8(hashed_network()), false)}) {
    for (std::size_t size = 0; size < files.bin.size(); size += 1 + files.bin.size() / 97) {
      const std::string message = read_error(files.param, files.bin.substr(0, size));
      CHECK(message.find("model.param: the .bin file ends within ") == 0);
      CHECK(message.find('\n') == std::string::npos);
    }
    CHECK(read_error(files.param, files.bin + "xxxx") ==
          "model.param: the .bin file does not belong to the .param file: 4 bytes are left over");
  }
  const NcnnFiles files = to_ncnn(hashed_network(), false);
  CHECK(read_error(files.param, files.bin.substr(0, files.bin.size() - 1)) ==
        "model.param: the .bin file ends within roll_output: 1 bytes are missing");
}

TEST_CASE("a .bin file that belongs to another .param file, or is damaged, is refused") {
  const NcnnFiles floats = to_ncnn(hashed_network(), false);
  const NcnnFiles int8 = to_ncnn(rounded_to_int8(hashed_network()), false);
  CHECK(read_error(floats.param, int8.bin) ==
        "model.param: the .bin file does not belong to the .param file: conv_dw_1's weights begin "
        "with 0x000d4b38, not with the mark of floats");
  CHECK(read_error(int8.param, floats.bin) ==
        "model.param: the .bin file does not belong to the .param file: conv_dw_1's weights begin "
        "with 0x00000000, not with the mark of int8");

  std::string bin = floats.bin;
  const float infinity = std::numeric_limits<float>::infinity();
  std::memcpy(bin.data() + 4 * (12 + 1), &infinity, sizeof(infinity));
  CHECK(read_error(floats.param, bin) ==
        "model.param: the .bin file is damaged: conv1 has a value that is no number");
  bin = floats.bin;
  std::memcpy(bin.data(), "\0\0\0\0", 4);
  CHECK(read_error(floats.param, bin) ==
        "model.param: the layer 'normalization' (BatchNorm) is not (x - mean) / scale; mobireg "
        "reads only what it writes");
  bin = int8.bin;
  bin[4 * (12 + 1 + 216 + 8 + 1)] = '\x80';
  CHECK(read_error(int8.param, bin) ==
        "model.param: the .bin file is damaged: conv_dw_1 has the int8 weight -128; -127 to 127 is "
        "allowed");
}

}  // namespace
}  // namespace mobireg
