#include "core/thread_team.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace mobireg {
namespace {

TEST_CASE("a team's members share out everything once, in order and evenly") {
  for (const int threads : {1, 2, 3, 7}) {
    for (const std::int64_t total : {0, 1, 5, 64, 100}) {
      for (const std::int64_t unit : {1, 16}) {
        CAPTURE(threads, total, unit);
        MeetingPoint meeting;
        std::int64_t at = 0;
        for (int index = 0; index < threads; ++index) {
          const TeamMember::Share share = TeamMember(meeting, index, threads).share(total, unit);
          REQUIRE(share.begin == at);
          REQUIRE(share.end >= share.begin);
          REQUIRE((share.end % unit == 0 || share.end == total));
          REQUIRE(share.end - share.begin <= (total / unit / threads + 1) * unit);
          at = share.end;
        }
        REQUIRE(at == total);
      }
    }
  }
}

TEST_CASE("after they met, a team's members see what the others wrote") {
  for (const int threads : {1, 2, 5}) {
    constexpr int kTurns = 300;
    std::vector<int> turns(static_cast<std::size_t>(threads), 0);
    std::atomic<int> late{0};
    run_team(threads, [&](const TeamMember& me) {
      for (int turn = 1; turn <= kTurns; ++turn) {
        turns[static_cast<std::size_t>(me.index())] = turn;
        me.wait();
        for (int other = 0; other < me.size(); ++other) {
          if (turns[static_cast<std::size_t>(other)] != turn) ++late;
        }
        me.wait();
      }
    });
    CHECK(late == 0);
  }
}

TEST_CASE("a member that waits longer than it spins is woken up") {
  std::atomic<int> awake{0};
  std::atomic<int> size{0};
  run_team(3, [&](const TeamMember& me) {
    for (int turn = 0; turn < 3; ++turn) {
      if (me.index() == turn) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      me.wait();
    }
    ++awake;
    size = me.size();
  });
  CHECK(awake == size);
}

TEST_CASE("the caller is a team's first member, and no two have one index") {
  const auto caller = std::this_thread::get_id();
  std::mutex mutex;
  std::set<int> indices;
  int size = 0;
  bool first = false;
  run_team(3, [&](const TeamMember& me) {
    const std::lock_guard<std::mutex> lock(mutex);
    indices.insert(me.index());
    size = me.size();
    if (me.index() == 0) first = std::this_thread::get_id() == caller;
  });
  CHECK(first);
  CHECK(static_cast<int>(indices.size()) == size);
  CHECK(size <= 3);
  CHECK(*indices.rbegin() == size - 1);
}

}  // namespace
}  // namespace mobireg
