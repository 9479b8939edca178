#include "core/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace mobireg {
namespace {

/// What the threads share.
struct Progress {
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> finished{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr error;
};

void work(std::int64_t count, const std::function<void(std::int64_t)>& step, Progress& progress) {
  try {
    while (!progress.failed) {
      const std::int64_t i = progress.next++;
      if (i >= count) return;
      step(i);
    }
  } catch (...) {
    const std::lock_guard<std::mutex> lock(progress.mutex);
    if (!progress.error) progress.error = std::current_exception();
    progress.failed = true;
  }
}

}  // namespace

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body,
                  const std::function<void(std::int64_t)>& done) {
  Progress progress;
  const auto step = [&](std::int64_t i) {
    body(i);
    ++progress.finished;
  };
  const auto reported_step = [&](std::int64_t i) {
    step(i);
    if (done) done(progress.finished);
  };
  std::vector<std::thread> helpers;
  for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) {
    helpers.emplace_back([&] { work(count, step, progress); });
  }
  work(count, reported_step, progress);
  for (std::thread& helper : helpers) helper.join();
  if (progress.error) std::rethrow_exception(progress.error);
  if (done) done(progress.finished);
}

}  // namespace mobireg
