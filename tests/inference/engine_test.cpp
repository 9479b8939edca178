// InferenceEngine against plain loops in double, for all that this processor runs.

#include "inference/engine.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <thread>

#include "inference/kernels.h"
#include "made_network.h"
#include "plain_network.h"

namespace mobireg {
namespace {

std::vector<float> run(const InferenceEngine& engine, const std::vector<float>& pixels,
                       std::int64_t count) {
  std::vector<float> outputs(static_cast<std::size_t>(count * engine.outputs()));
  engine.run(pixels.data(), count, outputs.data());
  return outputs;
}

/// The largest |y - expected| / (1 + |expected|).
double difference(const std::vector<float>& y, const std::vector<double>& expected) {
  REQUIRE(y.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    REQUIRE(std::isfinite(y[i]));
    largest = std::max(
        largest, std::abs(static_cast<double>(y[i]) - expected[i]) / (1 + std::abs(expected[i])));
  }
  return largest;
}

/// Calls body(engine) for every instruction set of this processor.
template <class Body>
void with_engines(const Network& network, const Body& body) {
  for (const InferenceKernels* const* set = all_inference_kernels(); *set != nullptr; ++set) {
    const InferenceEngine engine(network, **set);
    INFO(engine.instruction_set());
    body(engine);
  }
}

void check_against_plain_loops(const Network& network, std::int64_t count, double tolerance) {
  const std::vector<float> pixels = made_images(network, count);
  const std::vector<double> expected = PlainNetwork(network).run(pixels, count);
  with_engines(network, [&](const InferenceEngine& engine) {
    CHECK(engine.outputs() == network.outputs());
    CHECK(difference(run(engine, pixels, count), expected) < tolerance);
  });
}

// Float sums of up to 1024 products, 27 layers one after the other.
constexpr double kFloatTolerance = 1e-5;

std::vector<float> channels_last_to_planes(const std::vector<std::uint8_t>& pixels,
                                           const Network& network, std::int64_t count) {
  const std::int64_t plane = std::int64_t{network.input_size} * network.input_size;
  const int channels = network.input_channels;
  std::vector<float> planes(pixels.size());
  for (std::int64_t i = 0; i < count * channels * plane; ++i) {
    const std::int64_t image = i / (channels * plane);
    const std::int64_t channel = i / plane % channels;
    planes[i] = pixels[(image * plane + i % plane) * channels + channel];
  }
  return planes;
}

TEST_CASE("InferenceEngine gives what plain loops in double give") {
  const auto made = GENERATE(values<MadeNetwork>({{32, 0.25, 3, true, {16, 0}},
                                                  {64, 0.25, 1, true, {0}},
                                                  {32, 0.5, 3, false, {128}},
                                                  {64, 0.5, 3, true, {128, 128, 128}},
                                                  {96, 0.25, 3, true, {0, 0, 5}},
                                                  {32, 0.3, 1, false, {7, 0}},
                                                  {64, 0.3, 3, true, {33}},
                                                  {160, 0.25, 3, true, {10}},
                                                  {64, 0.75, 3, true, {128}},
                                                  {32, 1, 3, true, {128}}}));
  INFO("size " << made.size << ", alpha " << made.alpha << ", channels " << made.channels);
  check_against_plain_loops(made_network(made), 1, kFloatTolerance);
}

TEST_CASE("InferenceEngine runs a depth multiplier and padding that is not TensorFlow's") {
  MadeNetwork made;
  made.depth_multiplier = 2;
  Network network = made_network(made);
  network.convolutions[0].pad_begin = 1;
  network.convolutions[0].pad_end = 0;
  network.convolutions[3].pad_begin = 1;  // stride 2
  network.convolutions[3].pad_end = 0;
  check_against_plain_loops(network, 2, kFloatTolerance);
}

TEST_CASE("InferenceEngine gives an image the same outputs in any batch") {
  const auto made = GENERATE(values<MadeNetwork>({{32, 0.3, 3}, {96, 0.25, 3}}));
  const Network network = made_network(made);
  constexpr std::int64_t kCount = 18;
  const std::vector<float> pixels = made_images(network, kCount);
  const std::vector<double> expected = PlainNetwork(network).run(pixels, kCount);
  with_engines(network, [&](const InferenceEngine& engine) {
    const std::vector<float> all = run(engine, pixels, kCount);
    CHECK(difference(all, expected) < kFloatTolerance);
    for (const std::int64_t count : {1, 2, 3, 4, 5, 8, 9, 17}) {
      const std::vector<float> some = run(engine, pixels, count);
      INFO("count " << count);
      CHECK(std::equal(some.begin(), some.end(), all.begin()));
    }
  });
}

TEST_CASE("InferenceEngine does nothing for no images") {
  with_engines(made_network({}), [](const InferenceEngine& engine) {
    float outputs = 42;
    engine.run(static_cast<const float*>(nullptr), 0, &outputs);
    CHECK(outputs == 42);
  });
}

TEST_CASE("InferenceEngine gives 8-bit pixels the bits that float pixels get") {
  const int channels = GENERATE(1, 3);
  MadeNetwork made;
  made.channels = channels;
  const Network network = made_network(made);
  constexpr std::int64_t kCount = 3;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kCount * channels * 32 * 32));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(hashed_bits("bytes", i));
  }
  const std::vector<float> planes = channels_last_to_planes(pixels, network, kCount);
  with_engines(network, [&](const InferenceEngine& engine) {
    const std::vector<float> expected = run(engine, planes, kCount);
    std::vector<float> outputs(expected.size());
    engine.run(pixels.data(), kCount, outputs.data());
    CHECK(outputs == expected);
  });
}

TEST_CASE("InferenceEngine lets no NaN vanish") {
  const Network network = made_network({});
  std::vector<float> pixels = made_images(network, 1);
  pixels[500] = std::numeric_limits<float>::quiet_NaN();
  with_engines(network, [&](const InferenceEngine& engine) {
    for (const float y : run(engine, pixels, 1)) CHECK(std::isnan(y));
  });
}

TEST_CASE("InferenceEngine forgets what an earlier call left behind") {
  MadeNetwork made{64, 0.3, 3};
  made.hidden = {33, 7};  // a wide head before a narrow one
  const Network network = made_network(made);
  const std::vector<float> pixels = made_images(network, 1);
  const std::vector<float> noise(4 * pixels.size(), std::numeric_limits<float>::quiet_NaN());
  with_engines(network, [&](const InferenceEngine& engine) {
    const std::vector<float> before = run(engine, pixels, 1);
    run(engine, noise, 4);
    CHECK(run(engine, pixels, 1) == before);
  });
}

TEST_CASE("InferenceEngine may be used by several threads at once") {
  const Network network = made_network({});
  constexpr int kThreads = 4;
  const std::vector<float> pixels = made_images(network, kThreads);
  const std::size_t image = pixels.size() / kThreads;
  with_engines(network, [&](const InferenceEngine& engine) {
    const std::vector<float> expected = run(engine, pixels, kThreads);
    std::vector<float> outputs(expected.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int repeat = 0; repeat < 20; ++repeat) {
          engine.run(pixels.data() + i * image, 1, outputs.data() + i * outputs.size() / kThreads);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(outputs == expected);
  });
}

TEST_CASE("InferenceEngine::profile names every part and its work") {
  const Network network = made_network({});
  const InferenceEngine engine(network);
  const std::vector<float> pixels = made_images(network, 2);
  const std::vector<LayerTime> parts = engine.profile(pixels.data(), 2, 3);
  REQUIRE(parts.size() == 1 + 13 + 2);
  CHECK(parts[0].name == "conv1");
  CHECK(parts[0].multiply_adds == 16 * 16 * 27 * 8);
  CHECK(parts[2].name == "conv_dw_2, conv_pw_2");
  CHECK(parts[2].kind == "separable 8x8");
  CHECK(parts[2].multiply_adds == 8 * 8 * 16 * (9 + 32));
  CHECK(parts[2].weight_bytes == 4 * (16 * 9 + 16 * 32));
  CHECK(parts[14].kind == "pool");
  CHECK(parts[15].kind == "heads");
  for (const LayerTime& part : parts) CHECK(part.seconds > 0);
}

}  // namespace
}  // namespace mobireg
