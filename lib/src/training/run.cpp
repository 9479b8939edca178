#include "mobireg/training/run.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <fstream>

#include "core/fail.h"
#include "mobireg/core/file.h"
#include "mobireg/core/threads.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/model/summary.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run_folder.h"
#include "mobireg/training/text_reporter.h"
#include "mobireg/training/trainer.h"
#include "training/checkpoint_writer.h"
#include "training/choose_threads.h"
#include "training/metrics_csv.h"

namespace mobireg {
namespace {

struct OpenRun {
  const RunConfig& config;
  const Datasets& datasets;
  const RunFolder& folder;
  Trainer& trainer;
};

WarningCallback warn_all(const RunObservers& observers) {
  return [&observers](const std::string& text) {
    for (RunObserver* observer : observers) observer->on_warning(text);
  };
}

RunStarted started_event(const OpenRun& run) {
  return {run.config,
          run.folder.path(),
          summarize(run.config.model).to_string(),
          run.datasets.train.size(),
          run.datasets.validation.size(),
          run.datasets.test.size(),
          at::get_num_threads(),
          run.trainer.step()};
}

/// Trains with the run folder's writers beside the caller's observers. The order matters: an
/// epoch's metrics are on disk before the checkpoint that says it is done.
RunOutcome train(const OpenRun& run, const RunOptions& options) {
  std::ofstream log_stream(run.folder.log_file(), std::ios::app);
  if (!log_stream) fail("{}: cannot be written", run.folder.log_file().string());
  TextReporter log(log_stream, ReportStyle::kLog);
  MetricsCsv metrics(run.folder.metrics_file(), run.config, run.datasets.validation.size() > 0,
                     run.trainer.epoch());
  RunObservers listeners{&log};
  listeners.insert(listeners.end(), options.observers.begin(), options.observers.end());
  CheckpointWriter writer(run.folder.checkpoints(), run.config.training.checkpoint, listeners);
  RunObservers observers{&metrics, &writer};
  observers.insert(observers.end(), listeners.begin(), listeners.end());

  for (RunObserver* observer : observers) observer->on_start(started_event(run));
  static const std::atomic<bool> never{false};
  RunOutcome outcome{};
  try {
    outcome = run.trainer.fit(observers, options.stop != nullptr ? *options.stop : never);
  } catch (const std::exception& error) {
    log.on_warning(std::string("ended by an error: ") + error.what());
    throw;
  }
  for (RunObserver* observer : observers) {
    observer->on_end({outcome, run.trainer.epoch(), run.trainer.step(), run.trainer});
  }
  return outcome;
}

void check_epochs(const RunConfig& config, const std::filesystem::path& run_dir, int epochs) {
  const int planned = config.training.epochs;
  if (epochs < planned) {
    fail("{}: the run is planned for {} epochs; --epochs must be at least that, not {}",
         run_dir.string(), planned, epochs);
  }
  if (epochs > planned && config.training.optimizer.schedule == ScheduleKind::kCosine) {
    fail(
        "{}: the run's cosine schedule ends after {} epochs, so it cannot be extended to {}; start "
        "a "
        "new run with training.init_from",
        run_dir.string(), planned, epochs);
  }
}

/// The thread count the run was started with, as long as there are as many cores.
int threads_again(int threads, const WarningCallback& warn) {
  const int cores = available_cores();
  if (threads <= cores) return threads;
  warn(
      fmt::format("the run was started with {} threads, here are {} cores: weights will not be the "
                  "same bit for bit",
                  threads, cores));
  return cores;
}

void begin(const RunConfig& config, Trainer& trainer) {
  const auto& weights = config.training.init_from;
  if (!weights.empty()) initialize_from(*trainer.network(), weights);
}

void restore(const OpenRun& run, const std::optional<Checkpoint>& checkpoint,
             const WarningCallback& warn) {
  const std::string origin = run.folder.checkpoints().string();
  if (!checkpoint) {
    warn(origin + ": there is no usable checkpoint; the run begins again");
    begin(run.config, run.trainer);
    return;
  }
  if (checkpoint->data_fingerprint !=
      run.datasets.train.fingerprint() + run.datasets.validation.fingerprint()) {
    fail(
        "{}: the data's rows are not those the run was started with; a run goes on with its own "
        "data",
        run.folder.path().string());
  }
  run.trainer.restore(*checkpoint, origin);
  if (run.trainer.epoch() >= run.config.training.epochs) {
    warn(fmt::format("all {} epochs are done; --epochs goes on with more",
                     run.config.training.epochs));
  }
}

/// What the input's standardisation takes from the training images, as evaluation sees them.
FittedInput fit(const RunConfig& config, const Datasets& datasets) {
  const InputConfig& input = config.model.input;
  if (!needs_fit(input)) return {input, {}};
  return fit_input(input, datasets.train.size(), [&](std::int64_t i) {
    const Image image = datasets.train.input_image(i);
    return std::vector<float>(image.pixels.begin(), image.pixels.end());
  });
}

TrainerOptions trainer_options(const RunOptions& options, const at::Tensor& whitening) {
  return {whitening, options.preprocessing};
}

RunConfig with_epochs(RunConfig config, int epochs) {
  config.training.epochs = epochs;
  return config;
}

}  // namespace

RunOutcome start_run(const RunConfig& given, const RunOptions& options) {
  RunConfig config = resolve_config(given);
  RunFolder::check_free(config.run_dir);
  const int threads = config.threads > 0 ? config.threads : choose_threads(config);
  at::set_num_threads(threads);
  const WarningCallback warn = warn_all(options.observers);
  const Datasets datasets = open_datasets(config.data, config.model, threads, warn);
  const FittedInput fitted = fit(config, datasets);
  config.model.input = fitted.input;
  Trainer trainer(config, datasets, trainer_options(options, fitted.whitening));
  begin(config, trainer);
  const RunFolder folder = RunFolder::create(config, datasets, threads);
  return train({config, datasets, folder, trainer}, options);
}

RunOutcome resume_run(const std::filesystem::path& run_dir, std::optional<int> epochs,
                      const RunOptions& options) {
  const RunFolder folder = RunFolder::open(run_dir);
  const RunConfig planned = folder.config();
  if (epochs) check_epochs(planned, run_dir, *epochs);
  const RunConfig config = with_epochs(planned, epochs.value_or(planned.training.epochs));
  const WarningCallback warn = warn_all(options.observers);
  const int threads = threads_again(folder.threads(), warn);
  at::set_num_threads(threads);
  const Datasets datasets = open_datasets(config.data, config.model, threads, warn);
  const auto checkpoint = newest_checkpoint(folder.checkpoints(), warn);
  at::Tensor whitening;
  if (checkpoint) whitening = checkpoint->weights().find(kWhiteningName);
  if (!whitening.defined()) whitening = fit(config, datasets).whitening;
  Trainer trainer(config, datasets, trainer_options(options, whitening));
  const OpenRun run{config, datasets, folder, trainer};
  restore(run, checkpoint, warn);
  if (epochs) write_file_atomically(folder.config_file(), to_json(config));
  return train(run, options);
}

RunOutcome start_or_resume_run(const RunConfig& given, const RunOptions& options) {
  RunConfig config = resolve_config(given);
  if (!std::filesystem::exists(config.run_dir / "config.json")) return start_run(config, options);
  const auto file = config.run_dir / "config.json";
  RunConfig planned = run_config_from_json(read_file(file), file.string());
  const int epochs = std::max(config.training.epochs, planned.training.epochs);
  planned.run_dir = config.run_dir;
  for (auto values :
       {&InputConfig::feature_mean, &InputConfig::feature_std}) {  // fitted by the run
    if ((config.model.input.*values).empty()) {
      config.model.input.*values = planned.model.input.*values;
    }
  }
  const auto differences =
      config_differences(with_epochs(planned, epochs), with_epochs(config, epochs));
  if (!differences.empty()) {
    fail("{}: it holds another run; they differ in {}{}", config.run_dir.string(), differences[0],
         differences.size() > 1 ? fmt::format(" and {} more fields", differences.size() - 1) : "");
  }
  return resume_run(config.run_dir, epochs, options);
}

}  // namespace mobireg
