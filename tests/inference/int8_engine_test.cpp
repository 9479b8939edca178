// Layers in whole numbers, against plain loops that do to them what deploy/network.h says.

#include <catch2/catch.hpp>
#include <cmath>

#include "inference/engine.h"
#include "inference/kernels.h"
#include "made_network.h"
#include "plain_network.h"

namespace mobireg {
namespace {

template <class Layer>
void make_int8(Layer& layer, bool is_unsigned, float largest_input) {
  round_weights(layer, largest_input / (is_unsigned ? 255 : 127));
  layer.int8->input_unsigned = is_unsigned;
}

enum class Part { kFirst, kDepthwise, kPointwise, kAllConvolutions, kHeads, kAll };

Network int8_network(Part part, bool is_unsigned, const MadeNetwork& made) {
  Network network = made_network(made);
  const auto wanted = [&](Part one) {
    return part == one || part == Part::kAll ||
           (part == Part::kAllConvolutions && one != Part::kHeads);
  };
  for (ConvolutionLayer& layer : network.convolutions) {
    const bool first = &layer == &network.convolutions.front();
    const Part kind = first               ? Part::kFirst
                      : layer.kernel == 3 ? Part::kDepthwise
                                          : Part::kPointwise;
    // What the first convolution is fed has a sign.
    if (wanted(kind)) make_int8(layer, is_unsigned && !first, first ? 3 : 6);
  }
  for (NetworkHead& head : network.heads) {
    for (DenseLayer& layer : head.layers) {
      if (wanted(Part::kHeads)) make_int8(layer, is_unsigned, 3);
    }
  }
  return network;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

constexpr std::int64_t kImages = 6;

std::vector<double> plain(const Network& network) {
  return PlainNetwork(network).run(made_images(network, kImages), kImages);
}

/// Of kImages, at least over all instruction sets: those whose outputs are the expected ones. Where
/// sums in float and in double lie on two sides of a half, an input is rounded to the other side
/// and the image is lost.
int exact_images(const Network& network, const std::vector<double>& expected) {
  const std::vector<float> pixels = made_images(network, kImages);
  const std::size_t outputs = expected.size() / kImages;
  int least = kImages;
  for (const InferenceKernels* const* set = all_inference_kernels(); *set != nullptr; ++set) {
    const InferenceEngine engine(network, **set);
    std::vector<float> y(expected.size());
    engine.run(pixels.data(), kImages, y.data());
    int exact = 0;
    for (std::size_t image = 0; image < kImages; ++image) {
      double largest = 0;
      for (std::size_t i = image * outputs; i < (image + 1) * outputs; ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(y[i]) - expected[i]));
      }
      exact += largest < 2e-6 ? 1 : 0;
    }
    least = std::min(least, exact);
  }
  return least;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(std::abs(a[i] - b[i]));
  return mean(differences);
}

TEST_CASE("InferenceEngine computes int8 layers as they are defined") {
  const Part part = GENERATE(Part::kFirst, Part::kDepthwise, Part::kPointwise,
                             Part::kAllConvolutions, Part::kHeads, Part::kAll);
  const bool is_unsigned = GENERATE(false, true);
  MadeNetwork made{32, 0.3};
  INFO("part " << static_cast<int>(part) << (is_unsigned ? ", unsigned" : ", signed"));
  const Network network = int8_network(part, is_unsigned, made);
  const std::vector<double> expected = plain(network);
  const double by_rounding = difference(expected, plain(made_network(made)));
  CHECK(by_rounding > 1e-4);
  CHECK(exact_images(network, expected) >= 2);
}

TEST_CASE("InferenceEngine rounds the last map and a float layer's input where it is told to") {
  MadeNetwork made{64, 0.3};
  made.hidden = {16, 0};
  Network network = made_network(made);
  const std::vector<double> exact = plain(network);
  SECTION("the last map") { network.pool_input_scale = 0.05F; }
  SECTION("a hidden layer's and an output layer's input") {
    for (NetworkHead& head : network.heads) {
      for (DenseLayer& layer : head.layers) layer.input_scale = 0.05F;
    }
  }
  SECTION("a float layer behind an int8 one") {
    make_int8(network.heads[0].layers[0], true, 6);
    network.heads[0].layers[1].input_scale = 0.05F;
  }
  const std::vector<double> expected = plain(network);
  CHECK(difference(expected, exact) > 1e-4);
  CHECK(exact_images(network, expected) >= 2);
}

}  // namespace
}  // namespace mobireg
