#include "training/prepared_run.h"

#include <ATen/Parallel.h>

#include "training/choose_threads.h"

namespace mobireg {
namespace {

int set_threads(const RunConfig& config) {
  const int threads = config.threads > 0 ? config.threads : choose_threads(config);
  at::set_num_threads(threads);
  return threads;
}

}  // namespace

FittedInput fit_to_training(const InputConfig& input, const Datasets& datasets) {
  if (!needs_fit(input)) return {input, {}};
  return fit_input(input, datasets.train.size(), [&](std::int64_t i) {
    const Image image = datasets.train.input_image(i);
    return std::vector<float>(image.pixels.begin(), image.pixels.end());
  });
}

PreparedRun::PreparedRun(const RunConfig& given, const ImageCallback& preprocessing,
                         const WarningCallback& warn)
    : config(resolve_config(given)),
      threads(set_threads(config)),
      data(open_taught_data(config, config.run_dir, threads, warn)) {
  const FittedInput fitted = fit_to_training(config.model.input, data.datasets);
  config.model.input = fitted.input;
  trainer.emplace(config, data.datasets,
                  TrainerOptions{fitted.whitening, preprocessing, data.answers});
  trainer->begin();
}

}  // namespace mobireg
