#include "mobireg/bench/data_bench.h"

#include <cmath>

#include "core/fail.h"
#include "mobireg/core/version.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

std::shared_ptr<const Standardizer> make_standardizer(const InputConfig& input) {
  if (needs_fit(input)) {
    fail(
        "model.input: featurewise statistics and ZCA whitening are fitted by a run; they are not "
        "timed");
  }
  return std::make_shared<const Standardizer>(input);
}

}  // namespace

DataBench::DataBench(const DataBenchOptions& options)
    : config_(data_bench_config(options)),
      threads_(options.threads),
      datasets_(open_datasets(config_.data, config_.model, threads_)),
      standardizer_(make_standardizer(config_.model.input)),
      source_(datasets_.train, config_.model, standardizer_, batch_options()) {}

BatchOptions DataBench::batch_options() const {
  BatchOptions options;
  options.batch_size = config_.training.batch_size;
  options.shuffle = config_.data.shuffle;
  options.seed = config_.seed;
  options.augment = true;
  options.augmentation = config_.augmentation;
  options.balance = config_.data.balance;
  return options;
}

std::string DataBench::about() const {
  constexpr std::int64_t kBatches = 8;
  double sum = 0;
  double sum_of_squares = 0;
  double count = 0;
  for (std::int64_t step = 0; step < kBatches; ++step) {
    const at::Tensor images = source_.get(step).images.to(at::kDouble);
    sum += images.sum().item<double>();
    sum_of_squares += images.square().sum().item<double>();
    count += static_cast<double>(images.numel());
  }
  const double mean = sum / count;
  return fmt::format(
      R"({{"versions": {{"mobireg": "{}"}}, "deviations": [], "mean": {}, "std": {}}})", version(),
      mean, std::sqrt(sum_of_squares / count - mean * mean));
}

Timing DataBench::run(double seconds) {
  return time_for(seconds, threads_, [&] { return source_.get(next_step_++).images.size(0); });
}

RowCheckBench::RowCheckBench(const DataBenchOptions& options)
    : config_(data_bench_config(options)), threads_(options.threads) {
  config_.data.mode = ImageMode::kStream;
}

std::string RowCheckBench::about() {
  return fmt::format(R"({{"versions": {{"mobireg": "{}"}}, "deviations": []}})", version());
}

Timing RowCheckBench::run(double seconds) const {
  return time_for(seconds, 1, [&] {
    const Datasets sets = open_datasets(config_.data, config_.model, threads_);
    return sets.train.size() + sets.validation.size() + sets.test.size();
  });
}

}  // namespace mobireg
