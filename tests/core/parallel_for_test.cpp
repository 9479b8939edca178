#include "core/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mobireg {
namespace {

void ignore(std::int64_t) {}

TEST_CASE("every index is visited once, whatever the number of threads") {
  for (const int threads : {1, 2, 5, 200}) {
    std::vector<std::atomic<int>> visits(100);
    parallel_for(
        100, threads, [&](std::int64_t i) { ++visits[static_cast<std::size_t>(i)]; }, ignore);
    for (const auto& count : visits) REQUIRE(count == 1);
  }
}

TEST_CASE("progress is told on the caller's thread, never falls and ends at the count") {
  std::vector<std::int64_t> told;
  const auto caller = std::this_thread::get_id();
  parallel_for(50, 3, ignore, [&](std::int64_t done) {
    REQUIRE(std::this_thread::get_id() == caller);
    told.push_back(done);
  });
  REQUIRE(std::is_sorted(told.begin(), told.end()));
  REQUIRE(told.back() == 50);
}

TEST_CASE("an exception on any thread reaches the caller and stops the others") {
  for (const int threads : {1, 3}) {
    std::atomic<int> visits{0};
    const auto body = [&](std::int64_t i) {
      ++visits;
      if (i == 10) throw std::runtime_error("index 10");
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    };
    REQUIRE_THROWS_WITH(parallel_for(100000, threads, body, ignore), "index 10");
    REQUIRE(visits < 10000);
  }
}

}  // namespace
}  // namespace mobireg
