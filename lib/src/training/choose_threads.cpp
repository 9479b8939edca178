#include "training/choose_threads.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>

#include "mobireg/core/threads.h"
#include "mobireg/model/regressor.h"

namespace mobireg {
namespace {

constexpr int kMostImages = 32;
constexpr double kEnoughSeconds = 0.15;  // of steps with one thread count
constexpr double kLeastGain = 1.05;

double step_seconds(Regressor& network, const torch::Tensor& images) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  network(images).square().mean().backward();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The shortest of some steps, without the first, which allocates.
double seconds_with(int threads, Regressor& network, const torch::Tensor& images) {
  at::set_num_threads(threads);
  step_seconds(network, images);
  double shortest = step_seconds(network, images);
  for (double spent = shortest; spent < kEnoughSeconds;) {
    const double seconds = step_seconds(network, images);
    shortest = std::min(shortest, seconds);
    spent += seconds;
  }
  return shortest;
}

}  // namespace

int choose_threads(const RunConfig& config) {
  const int cores = available_cores();
  at::set_num_threads(1);
  if (cores == 1) return 1;
  Regressor network(config.model);
  network->use_fused_kernels(config.kernels == Kernels::kAuto);
  network->use_bfloat16(config.precision == ComputePrecision::kBf16 && has_bfloat16_kernels());
  const InputConfig& input = config.model.input;
  const torch::Tensor images = torch::rand({std::min(config.training.batch_size, kMostImages),
                                            input.channels(), input.size, input.size})
                                   .contiguous(at::MemoryFormat::ChannelsLast);
  int threads = 1;
  double fastest = seconds_with(1, network, images);
  while (threads < cores) {
    const int more = std::min(2 * threads, cores);
    const double seconds = seconds_with(more, network, images);
    if (seconds * kLeastGain > fastest) break;
    threads = more;
    fastest = seconds;
  }
  at::set_num_threads(threads);
  return threads;
}

}  // namespace mobireg
