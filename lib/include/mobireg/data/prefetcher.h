#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "mobireg/data/batch.h"

namespace mobireg {

struct PrefetchOptions {
  std::int64_t first_step = 0;
  std::int64_t end_step = 0;  // one past the last
  int workers = 2;            // 0: each batch is made by `next`, on the caller's thread
  int depth = 4;              // batches ready or in the making ahead of the consumer
};

/// Gives batches in step order while worker threads make the next ones. The batches do not depend
/// on the number of workers. A worker's exception is thrown by the `next` that would have given its
/// batch.
class Prefetcher {
 public:
  using Load = std::function<Batch(std::int64_t step)>;

  Prefetcher(Load load, const PrefetchOptions& options);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next step's batch; called at most `end_step - first_step` times.
  Batch next();

 private:
  struct Made {
    Batch batch;
    std::exception_ptr error;
  };

  void work();

  Load load_;
  PrefetchOptions options_;
  std::int64_t claimed_;   // next step a worker takes
  std::int64_t consumed_;  // next step `next` gives
  bool stop_ = false;
  std::map<std::int64_t, Made> ready_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable made_;
  std::vector<std::thread> threads_;
};

}  // namespace mobireg
