#include "mobireg/training/run.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <fstream>

#include "core/fail.h"
#include "mobireg/core/file.h"
#include "mobireg/core/threads.h"
#include "mobireg/model/summary.h"
#include "mobireg/model/weights.h"
#include "mobireg/training/checkpoint.h"
#include "mobireg/training/run_folder.h"
#include "mobireg/training/text_reporter.h"
#include "mobireg/training/trainer.h"
#include "report/run_report.h"
#include "training/checkpoint_writer.h"
#include "training/extension.h"
#include "training/metrics_csv.h"
#include "training/prepared_run.h"

namespace mobireg {
namespace {

struct OpenRun {
  const RunConfig& config;
  const TaughtData& data;
  const RunFolder& folder;
  Trainer& trainer;
  std::string extension;  // what made it longer
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
          run.data.datasets.train.size(),
          run.data.datasets.validation.size(),
          run.data.datasets.test.size(),
          at::get_num_threads(),
          run.trainer.step(),
          run.extension,
          run.data.notes};
}

/// Trains with the run folder's writers beside the caller's observers. The order matters: an
/// epoch's metrics are on disk before the checkpoint that says it is done.
RunOutcome train(const OpenRun& run, const RunOptions& options) {
  std::ofstream log_stream(run.folder.log_file(), std::ios::app);
  if (!log_stream) fail("{}: cannot be written", run.folder.log_file().string());
  TextReporter log(log_stream, ReportStyle::kLog);
  const bool validates = run.data.datasets.validation.size() > 0;
  MetricsCsv metrics(run.folder.metrics_file(), run.config, validates, run.trainer.epoch());
  RunObservers listeners{&log};
  listeners.insert(listeners.end(), options.observers.begin(), options.observers.end());
  CheckpointWriter writer(run.folder.checkpoints(), run.config.training.checkpoint, listeners);
  RunReport report(run.folder.path(), run.config, run.data.datasets, run.trainer.epoch());
  RunObservers observers{&metrics, &writer, &report};
  observers.insert(observers.end(), listeners.begin(), listeners.end());

  for (RunObserver* observer : observers) observer->on_start(started_event(run));
  static const std::atomic<bool> never{false};
  RunOutcome outcome{};
  try {
    outcome = run.trainer.fit(observers, options.stop != nullptr ? *options.stop : never);
  } catch (const std::exception& error) {
    for (RunObserver* observer : observers) observer->on_error(error.what());
    throw;
  }
  for (RunObserver* observer : observers) {
    observer->on_end({outcome, run.trainer.epoch(), run.trainer.step(), run.trainer});
  }
  return outcome;
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

void restore(const OpenRun& run, const std::optional<Checkpoint>& checkpoint,
             const WarningCallback& warn) {
  const std::string origin = run.folder.checkpoints().string();
  if (!checkpoint) {
    warn(origin + ": there is no usable checkpoint; the run begins again");
    run.trainer.begin();
    return;
  }
  if (checkpoint->data_fingerprint != run.data.datasets.fingerprint()) {
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

RunConfig with_epochs(RunConfig config, int epochs) {
  config.training.epochs = epochs;
  return config;
}

}  // namespace

RunOutcome start_run(const RunConfig& given, const RunOptions& options) {
  RunFolder::check_free(resolve_config(given).run_dir);
  PreparedRun run(given, options.preprocessing, warn_all(options.observers));
  const RunFolder folder = RunFolder::create(run.config, run.data.datasets, run.threads);
  keep_answers(run.data, folder.path());
  return train({run.config, run.data, folder, *run.trainer, {}}, options);
}

RunOutcome resume_run(const std::filesystem::path& run_dir, std::optional<int> epochs,
                      const RunOptions& options) {
  const RunFolder folder = RunFolder::open(run_dir);
  const RunConfig planned = folder.config();
  const int total = epochs.value_or(planned.training.epochs);
  const ExtendedRun extended = extend_run(planned, run_dir, total, options.extend);
  const RunConfig& config = extended.config;
  const WarningCallback warn = warn_all(options.observers);
  const int threads = threads_again(folder.threads(), warn);
  at::set_num_threads(threads);
  const TaughtData data = open_taught_data(config, folder.path(), threads, warn);
  const auto checkpoint = newest_checkpoint(folder.checkpoints(), warn);
  at::Tensor whitening;
  if (checkpoint) whitening = checkpoint->weights().find(kWhiteningName);
  if (!whitening.defined()) {
    whitening = fit_to_training(config.model.input, data.datasets).whitening;
  }
  Trainer trainer(config, data.datasets, {whitening, options.preprocessing, data.answers});
  const OpenRun run{config, data, folder, trainer, extended.what};
  restore(run, checkpoint, warn);
  keep_answers(data, folder.path());
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
  OptimizerConfig& optimizer = config.training.optimizer;
  if (optimizer.schedule_epochs == 0) {  // or set by an extension
    optimizer.schedule_epochs = planned.training.optimizer.schedule_epochs;
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
