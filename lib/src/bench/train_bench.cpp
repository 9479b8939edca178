#include "mobireg/bench/train_bench.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "mobireg/core/version.h"
#include "mobireg/data/prefetcher.h"
#include "mobireg/model/summary.h"

namespace mobireg {
namespace {

Datasets open(const RunConfig& config, int threads) {
  if (needs_fit(config.model.input)) {
    fail("the bench does not fit the input to the training images; give its statistics");
  }
  return open_datasets(config.data, config.model, threads);
}

/// Adds to `parts` what two of TrainBench's times differ in, and the rest of `step`.
void add_parts(const BackboneTimes& before, const BackboneTimes& after, const Timing& step,
               std::vector<StepPart>& parts) {
  const auto of = [](const BackboneTimes& times) {
    return std::vector<StepPart>{
        {"first convolution, forward", times.first.forward},
        {"first convolution, backward", times.first.backward},
        {"depthwise, forward", times.depthwise.forward},
        {"depthwise, backward", times.depthwise.backward},
        {"pointwise, forward", times.pointwise.forward},
        {"pointwise, backward", times.pointwise.backward},
        {"packing of weights", times.packing.forward + times.packing.backward},
        {"heads, loss, optimiser and the rest", 0}};
  };
  if (parts.empty()) parts = of(BackboneTimes{});
  const auto first = of(before);
  const auto last = of(after);
  double rest = step.seconds;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const double seconds = last[i].seconds - first[i].seconds;
    parts[i].seconds += seconds;
    rest -= seconds;
  }
  parts.back().seconds += rest;
}

}  // namespace

struct TrainBench::State {
  RunConfig config;
  Datasets datasets;
  Trainer trainer;
  Batch batch;
  int workers;
  Prefetcher loader;

  State(const RunConfig& given, int threads)
      : config(given),
        datasets(open(config, threads)),
        trainer(config, datasets),
        batch(trainer.training_batch(0, false)),
        workers(loader_threads(config)),
        loader([this](std::int64_t step) { return trainer.training_batch(step, workers == 0); },
               {0, std::numeric_limits<std::int64_t>::max(), workers, config.data.prefetch}) {
    trainer.network()->train();
  }

  std::int64_t step_on(const Batch& next) {
    trainer.train_on(next);
    return static_cast<std::int64_t>(next.rows.size());
  }
};

TrainBench::TrainBench(const DataBenchOptions& options) {
  at::set_num_threads(options.threads);
  state_ = std::make_unique<State>(data_bench_config(options), options.threads);
}

TrainBench::~TrainBench() = default;

const RunConfig& TrainBench::config() const { return state_->config; }

std::string TrainBench::about() const {
  return fmt::format(R"({{"mobireg": "{}", "threads": {}}})", version(), at::get_num_threads());
}

Timing TrainBench::run_without_data(double seconds) {
  return time_for(seconds, 1, [&] { return state_->step_on(state_->batch); });
}

Timing TrainBench::run_with_loader(double seconds) {
  return time_for(seconds, 1, [&] { return state_->step_on(state_->loader.next()); });
}

BackboneTimes TrainBench::times() const { return state_->trainer.network()->backbone()->times(); }

double TrainBench::operations_an_image() const {
  return 6.0 * static_cast<double>(summarize(config().model).multiply_adds);
}

Timing time_matrix_products(double seconds) {
  constexpr std::int64_t kSide = 2048;
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::ones({kSide, kSide});
  const torch::Tensor b = torch::ones({kSide, kSide});
  torch::Tensor c = torch::empty({kSide, kSide});
  return time_for(seconds, 1, [&] {
    torch::mm_out(c, a, b);
    return 2 * kSide * kSide * kSide;
  });
}

TrainBenchReport bench_training(const DataBenchOptions& options, int rounds, double seconds) {
  TrainBench bench(options);
  TrainBenchReport report;
  const ModelConfig& model = bench.config().model;
  report.what = fmt::format("alpha {}, {}x{}, batch {}, {} thread{}, kernels {}{}", model.alpha,
                            model.input.size, model.input.size, bench.config().training.batch_size,
                            options.threads, options.threads == 1 ? "" : "s",
                            bench.config().kernels == Kernels::kAuto ? "auto" : "aten",
                            bench.config().precision == ComputePrecision::kBf16 ? ", bf16" : "");
  report.operations_an_image = bench.operations_an_image();
  bench.run_with_loader(0);  // the first step plans and allocates
  const bool fused = bench.config().kernels == Kernels::kAuto;
  std::int64_t images = 0;
  for (int i = 0; i < rounds; ++i) {
    const BackboneTimes before = bench.times();
    report.without_data.push_back(bench.run_without_data(seconds));
    if (fused) add_parts(before, bench.times(), report.without_data.back(), report.parts);
    images += report.without_data.back().count;
    report.with_loader.push_back(bench.run_with_loader(seconds));
    report.products.push_back(time_matrix_products(seconds / 4));
  }
  for (StepPart& part : report.parts) part.seconds /= static_cast<double>(images);
  report.peak_memory = peak_memory();
  return report;
}

}  // namespace mobireg
