#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <limits>

#include "deploy/onnx_cases.h"
#include "deploy/onnx_reader.h"
#include "mobireg/core/error.h"

namespace mobireg {
namespace {

TEST_CASE("damaged ONNX files are refused in one line, or read as something; nothing else") {
  const std::string bytes = onnx_of(rounded_for_onnx(hashed_network()));
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string cut = bytes.substr(0, hashed_bits("cut", i) % (bytes.size() - 100));
    CHECK_THROWS_WITH(from_onnx(cut, "m.onnx"),
                      "m.onnx: not a usable ONNX file; it is damaged or of another kind");
  }
  const auto try_to_read = [](const std::string& damaged) {
    try {
      from_onnx(damaged, "m.onnx");
      return true;
    } catch (const Error& error) {
      const std::string message = error.what();
      CHECK(message.rfind("m.onnx: ", 0) == 0);
      CHECK(message.find('\n') == std::string::npos);
      return false;
    }
  };
  // The nodes stand before the weights.
  int refused = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    std::string damaged = bytes;
    damaged[hashed_bits("place", i) % 20000] ^= static_cast<char>(1 << (i % 8));
    refused += try_to_read(damaged) ? 0 : 1;
  }
  CHECK(refused > 300);
}

TEST_CASE("files of other kinds are refused") {
  const std::string unusable = ": not a usable ONNX file; it is damaged or of another kind";
  for (const std::string& other : {std::string(), std::string("PK\3\4 and so on"),
                                   std::string(1000, '\0'), std::string(1000, '\xff')}) {
    CHECK_THROWS_WITH(from_onnx(other, "other"), "other" + unusable);
    CHECK_THROWS_WITH(card_of_onnx(other, "other"), "other" + unusable);
  }
  std::string without_card = onnx_of(hashed_network());
  without_card.replace(without_card.find("mobireg_model_card"), 7, "somebod");
  CHECK_THROWS_WITH(card_of_onnx(without_card, "m.onnx"),
                    "m.onnx: it has no model card; mobireg reads the files mobireg-export writes");
}

TEST_CASE("a graph that is not as mobireg writes it is refused with the place") {
  using Edit = std::function<void(Network&)>;
  const std::vector<std::pair<Edit, std::string>> edits{
      {[](Network& n) { n.input_size = 16; }, "the input's shape is not (N, channels, size, size)"},
      {[](Network& n) { n.input_channels = 2; },
       "the input's shape is not (N, channels, size, size)"},
      {[](Network& n) {
         n.normalization = {{1, 2}, {3, 4}};
       },
       "mean and scale have not one value a channel"},
      {[](Network& n) { n.convolutions.clear(); }, "it has no convolutions"},
      {[](Network& n) { n.convolutions[3].weight.pop_back(); },
       "tensor 'conv_dw_2.weight' has 572 bytes, which its shape does not give"},
      {[](Network& n) { n.convolutions.erase(n.convolutions.begin() + 2); },
       "layer 'conv_dw_2' does not fit the layer before it"},
      {[](Network& n) { n.convolutions[0].stride = 5000; }, "node 'conv1' has the strides 5000"},
      {[](Network& n) { n.convolutions[0].stride = 0; },
       "layer 'conv1' does not fit the layer before it"},
      {[](Network& n) { n.heads[0].layers.erase(n.heads[0].layers.begin()); },
       "layer 'pitch_output' does not fit the layer before it"},
      {[](Network& n) { n.heads[0].layers[1].relu = true; },
       "node 'yaw_hidden' takes 'features' instead of 'pitch_output_relu'"},
      {[](Network& n) { n.pool_input_scale = 0; },
       "node 'pool_input_quantized' has a zero point other than 0, or a scale that is not "
       "positive"}};
  for (const auto& [edit, message] : edits) {
    Network network = hashed_network();
    edit(network);
    CHECK_THROWS_WITH(from_onnx(onnx_of(network), "m.onnx"),
                      Catch::StartsWith("m.onnx: " + message) &&
                          Catch::EndsWith("; mobireg reads the ONNX files that it wrote"));
  }
}

TEST_CASE("a graph with other nodes, names or tensors is refused with the place") {
  struct Change {
    const char* from;
    const char* to;
    bool last;  // occurrence in the file
    const char* message;
  };
  const std::vector<Change> changes{
      {"Clip", "Tanh", false, "node 'conv1_relu6' is 'Tanh' where Clip is expected"},
      {"Clip", "Tanh", true, "node 'conv_pw_13_relu6' is 'Tanh' where Clip is expected"},
      {"Concat", "Concut", false, "node 'heads' is 'Concut' where Gemm is expected"},
      {"kernel_shape", "kernel_shake", false, "node 'conv1' has no kernel_shape"},
      {"conv_pw_13.bias", "conv_pw_13.bits", true, "there is no tensor 'conv_pw_13.bias'"},
      {"transB", "transA", false, "node 'pitch_hidden' has no transB"},
      {"normalized", "normalised", false, "node 'conv1' takes 'normalized' instead of"},
      {"outputs", "output5", false, "the graph does not end with its output"}};
  const std::string bytes = onnx_of(hashed_network());
  for (const Change& change : changes) {
    std::string changed = bytes;
    const std::size_t at = change.last ? changed.rfind(change.from) : changed.find(change.from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, std::strlen(change.to), change.to);
    CHECK_THROWS_WITH(from_onnx(changed, "m.onnx"),
                      Catch::StartsWith(std::string("m.onnx: ") + change.message));
  }
}

TEST_CASE("a rounded layer whose bias does not fit its scale is not written") {
  Network network = rounded_for_onnx(hashed_network());
  network.convolutions[2].int8->weight_scale[5] = 1e-20F;
  CHECK_THROWS_WITH(onnx_of(network), Catch::StartsWith("conv_pw_1: the scale of channel 5, ") &&
                                          Catch::Contains("is too small for its bias"));
  network.convolutions[2].int8->weight_scale[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(onnx_of(network), Catch::Contains("is too small for its bias"));
}

}  // namespace
}  // namespace mobireg
