#pragma once

#include <omp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "mobireg/core/threads.h"

namespace mobireg {

/// Where the members of a team wait for each other.
class MeetingPoint {
 public:
  void expect(int members) {
    members_ = members;
    spins_ = members <= available_cores();
  }

  /// Returns when all members have called it. What they wrote before, all see then.
  void wait() {
    const std::uint32_t turn = turn_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == members_) {
      arrived_.store(0, std::memory_order_relaxed);
      const std::lock_guard<std::mutex> lock(mutex_);
      turn_.store(turn + 1, std::memory_order_release);
      next_turn_.notify_all();
    } else if (!spin(turn)) {
      std::unique_lock<std::mutex> lock(mutex_);
      next_turn_.wait(lock, [&] { return turn_.load(std::memory_order_relaxed) != turn; });
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  // To be woken up takes some 50 us; no more than twice that is lost where the core is wanted.
  static constexpr std::chrono::microseconds kSpin{100};

  bool spin(std::uint32_t turn) const {
    if (!spins_) return false;
    for (const Clock::time_point end = Clock::now() + kSpin; Clock::now() < end;) {
      for (int i = 0; i < 16; ++i) {
        if (turn_.load(std::memory_order_acquire) != turn) return true;
        pause();
      }
    }
    return false;
  }

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  int members_ = 1;
  bool spins_ = true;  // else those who look for the others keep them from coming
  std::atomic<int> arrived_{0};
  std::atomic<std::uint32_t> turn_{0};
  std::mutex mutex_;
  std::condition_variable next_turn_;
};

/// One thread of a team.
class TeamMember {
 public:
  struct Share {
    std::int64_t begin, end;
  };

  TeamMember(MeetingPoint& meeting, int index, int size)
      : meeting_(&meeting), index_(index), size_(size) {}

  int index() const { return index_; }
  int size() const { return size_; }
  void wait() const { meeting_->wait(); }

  /// This member's part of 0 to `total`, in whole `unit`s but for the last.
  Share share(std::int64_t total, std::int64_t unit = 1) const {
    const std::int64_t units = (total + unit - 1) / unit;
    const auto edge = [&](int index) {
      const std::int64_t at = units * index / size_ * unit;
      return at < total ? at : total;
    };
    return {edge(index_), edge(index_ + 1)};
  }

 private:
  MeetingPoint* meeting_;
  int index_, size_;
};

/// Calls body(member) on up to `threads` threads at once, this one being member 0: one parallel
/// region for work of many steps, between which the members wait for each other. A region a step
/// costs more: OpenMP's threads fall asleep in between (docs/performance.md). `body` must not
/// throw.
template <class Body>
void run_team(int threads, const Body& body) {
  MeetingPoint meeting;
#pragma omp parallel num_threads(threads)
  {
#pragma omp single
    meeting.expect(omp_get_num_threads());
    body(TeamMember(meeting, omp_get_thread_num(), omp_get_num_threads()));
  }
}

}  // namespace mobireg
