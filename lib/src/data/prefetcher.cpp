#include "mobireg/data/prefetcher.h"

namespace mobireg {

Prefetcher::Prefetcher(Load load, const PrefetchOptions& options)
    : load_(std::move(load)),
      options_(options),
      claimed_(options.first_step),
      consumed_(options.first_step) {
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { work(); });
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Batch Prefetcher::next() {
  if (threads_.empty()) return load_(consumed_++);
  std::unique_lock lock(mutex_);
  made_.wait(lock, [this] { return ready_.count(consumed_) > 0; });
  Made made = std::move(ready_.at(consumed_));
  ready_.erase(consumed_);
  ++consumed_;
  lock.unlock();
  room_.notify_all();
  if (made.error) std::rethrow_exception(made.error);
  return std::move(made.batch);
}

void Prefetcher::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    room_.wait(lock, [this] {
      return stop_ || claimed_ == options_.end_step || claimed_ < consumed_ + options_.depth;
    });
    if (stop_ || claimed_ == options_.end_step) return;
    const std::int64_t step = claimed_++;
    lock.unlock();
    Made made;
    try {
      made.batch = load_(step);
    } catch (...) {
      made.error = std::current_exception();
    }
    lock.lock();
    ready_.emplace(step, std::move(made));
    made_.notify_all();
  }
}

}  // namespace mobireg
