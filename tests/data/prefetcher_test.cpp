#include "mobireg/data/prefetcher.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Rows = std::vector<std::int64_t>;

Batch numbered(std::int64_t step) {
  Batch batch;
  batch.rows = {step};
  return batch;
}

TEST_CASE("batches come in order also when later ones are made first") {
  Prefetcher loader(
      [](std::int64_t step) {
        if (step % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return numbered(step);
      },
      {0, 12, 3, 6});
  for (std::int64_t step = 0; step < 12; ++step) CHECK(loader.next().rows == Rows{step});
}

TEST_CASE("without workers each batch is made when it is asked for, on the caller's thread") {
  const auto caller = std::this_thread::get_id();
  int made = 0;
  Prefetcher loader(
      [&](std::int64_t step) {
        CHECK(std::this_thread::get_id() == caller);
        ++made;
        return numbered(step);
      },
      {3, 9, 0, 4});
  CHECK(made == 0);
  CHECK(loader.next().rows == Rows{3});
  CHECK(loader.next().rows == Rows{4});
  CHECK(made == 2);
}

TEST_CASE("a worker's exception arrives with its own batch, and later batches still come") {
  Prefetcher loader(
      [](std::int64_t step) {
        if (step == 3) throw Error("step 3 failed");
        return numbered(step);
      },
      {0, 6, GENERATE(1, 4), 4});
  for (std::int64_t step = 0; step < 6; ++step) {
    if (step == 3) {
      CHECK_THROWS_MATCHES(loader.next(), Error, Catch::Message("step 3 failed"));
    } else {
      CHECK(loader.next().rows == Rows{step});
    }
  }
}

TEST_CASE("no more batches are made ahead than asked for") {
  std::atomic<std::int64_t> furthest{0};
  Prefetcher loader(
      [&](std::int64_t step) {
        std::int64_t seen = furthest;
        while (seen < step && !furthest.compare_exchange_weak(seen, step)) {
        }
        return numbered(step);
      },
      {0, 1000, 4, 3});
  for (std::int64_t step = 0; step < 50; ++step) {
    CHECK(furthest < step + 3);
    CHECK(loader.next().rows == Rows{step});
  }
}

TEST_CASE("a loader with unread batches can be given up at any time") {
  std::atomic<int> made{0};
  for (int read = 0; read < 4; ++read) {
    Prefetcher loader(
        [&](std::int64_t step) {
          ++made;
          return numbered(step);
        },
        {0, 1000, 4, 8});
    for (int i = 0; i < read; ++i) CHECK(loader.next().rows == Rows{i});
  }
  CHECK(made >= 6);
  CHECK(made <= 4 * 8 + 6);
}

}  // namespace
}  // namespace mobireg
