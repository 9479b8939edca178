// The instruction sets beside each other: one step of a small network.

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "kernel_test.h"
#include "kernels/instruction_sets.h"
#include "small_network.h"

namespace mobireg {
namespace {

/// The loss with `weight` moved along its gradient.
double loss_at(SmallNetwork& network, Guarded& weight, const Guarded& dw, double step) {
  const std::vector<float> kept(weight.begin(), weight.end());
  for (std::int64_t i = 0; i < dw.size(); ++i) {
    weight.begin()[i] += static_cast<float>(step * dw[i]);
  }
  network.forward();
  std::copy(kept.begin(), kept.end(), weight.begin());
  return network.loss();
}

}  // namespace

TEST_CASE("kernels are listed by falling speed, each set once, the baseline always") {
  int count = 0;
  const Kernels* const* all = all_kernels(count);
  REQUIRE(count >= 1);
  CHECK(all[0] == &kernels());
  CHECK(std::string(all[count - 1]->name) == "baseline");
  const std::vector<std::string> order = {"avx512", "avx2", "baseline"};
  std::size_t last = 0;
  for (int i = 0; i < count; ++i) {
    const auto at = std::find(order.begin(), order.end(), all[i]->name) - order.begin();
    REQUIRE(static_cast<std::size_t>(at) < order.size());
    CHECK((i == 0 || static_cast<std::size_t>(at) > last));
    last = static_cast<std::size_t>(at);
  }
}

TEST_CASE("MOBIREG_MAX_ISA leaves out what is above it and takes three names alone") {
  const auto is = [](InstructionSets sets, bool avx2, bool avx512) {
    return sets.avx2 == avx2 && sets.avx512 == avx512;
  };
  CHECK(is(up_to({true, true}, "avx512"), true, true));
  CHECK(is(up_to({true, true}, "avx2"), true, false));
  CHECK(is(up_to({true, true}, "baseline"), false, false));
  CHECK(is(up_to({true, false}, "avx512"), true, false));
  CHECK(is(up_to({false, false}, "avx2"), false, false));
  CHECK_THROWS_WITH(up_to({}, "sse"),
                    "MOBIREG_MAX_ISA: 'sse' is not allowed; it must be avx512, avx2 or baseline");
}

TEST_CASE("instruction_sets obeys MOBIREG_MAX_ISA") {
  const char* set = std::getenv("MOBIREG_MAX_ISA");
  const std::string kept = set == nullptr ? "" : set;
  ::setenv("MOBIREG_MAX_ISA", "baseline", 1);
  const InstructionSets least = instruction_sets();
  ::setenv("MOBIREG_MAX_ISA", "", 1);
  CHECK_THROWS_WITH(instruction_sets(), Catch::Contains("it must be avx512, avx2 or baseline"));
  kept.empty() ? ::unsetenv("MOBIREG_MAX_ISA") : ::setenv("MOBIREG_MAX_ISA", kept.c_str(), 1);
  CHECK_FALSE(least.avx2);
  CHECK_FALSE(least.avx512);
}

TEST_CASE("all instruction sets make the same step, to rounding") {
  int count = 0;
  const Kernels* const* all = all_kernels(count);
  SmallNetwork baseline(*all[count - 1]);
  baseline.forward();
  baseline.backward();
  const auto expected = baseline.results();
  for_kernels([&](const Kernels& kernels) {
    SmallNetwork network(kernels);
    network.forward();
    network.backward();
    const auto found = network.results();
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(found[i].first);
      CHECK(relative_difference(*found[i].second, *expected[i].second) < 1e-5);
    }
  });
}

TEST_CASE("a small step along a layer's gradient changes the loss as the gradient says") {
  for_kernels([](const Kernels& kernels) {
    SmallNetwork network(kernels);
    network.forward();
    network.backward();
    for (const auto& [weight, dw] : network.weights()) {
      double square = 0;
      for (std::int64_t i = 0; i < dw->size(); ++i) square += std::pow((*dw)[i], 2.0);
      REQUIRE(square > 1e-3);
      const double step = 1e-3 / std::sqrt(square);
      const double change =
          loss_at(network, *weight, *dw, step) - loss_at(network, *weight, *dw, -step);
      CAPTURE(dw->size());
      // The loss has rounding errors, and kinks where a value is clipped.
      CHECK(change / (2 * step * square) == Approx(1).epsilon(0.01));
    }
  });
}

TEST_CASE("a step made twice is the same bit for bit") {
  for_kernels([](const Kernels& kernels) {
    SmallNetwork once(kernels);
    SmallNetwork again(kernels);
    for (SmallNetwork* network : {&once, &again}) {
      network->forward();
      network->backward();
    }
    const auto expected = once.results();
    const auto found = again.results();
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(found[i].first);
      CHECK(relative_difference(*found[i].second, *expected[i].second) == 0);
    }
  });
}

}  // namespace mobireg
