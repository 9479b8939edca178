#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/bench/timing.h"
#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

struct DataBenchOptions {
  std::filesystem::path config;        // a run's JSON file; empty: `recipe_config`
  std::vector<std::string> overrides;  // of its fields, as for load_run_config
  /// CSV that is taken instead of the config's data, with the same columns; every row trains.
  std::filesystem::path images;
  std::optional<ImageMode> mode;  // unset: as in the config
  bool dct_scaling = true;        // false: not even where the config has it
  int threads = 1;
};

/// The recipe that mobireg began with, as in configs/headpose.json: its augmentation, noise stage
/// and standardisation. It names no data.
RunConfig recipe_config();

/// The resolved config that is timed. Throws Error as load_run_config and resolve_config do.
RunConfig data_bench_config(const DataBenchOptions& options);

/// Microseconds an image, on one thread.
struct DataStages {
  double decode = 0;  // file to pixels of the network's size; in memory mode next to nothing
  double warp = 0;
  double colour = 0;  // brightness, channel shift, noise
  double standardize = 0;

  double sum() const { return decode + warp + colour + standardize; }
};

/// Makes training batches as a run does, and times that.
class DataBench {
 public:
  /// Opens the data set. Throws Error as open_datasets does, and where the config's input is fitted
  /// to the training images.
  explicit DataBench(const DataBenchOptions& options);

  std::int64_t images() const { return datasets_.train.size(); }
  const RunConfig& config() const { return config_; }

  /// For `serve_timings`: version, and the mean and standard deviation of the first values.
  std::string about() const;

  /// Goes on where the last run stopped.
  Timing run(double seconds);

  DataStages stages(double seconds) const;

 private:
  BatchOptions batch_options() const;

  RunConfig config_;
  int threads_;
  Datasets datasets_;
  std::shared_ptr<const Standardizer> standardizer_;
  BatchSource source_;
  std::atomic<std::int64_t> next_step_{0};
};

/// Times what happens before training in stream mode: reading the CSV and checking every row's
/// label and image header. Throws Error as open_datasets does.
class RowCheckBench {
 public:
  explicit RowCheckBench(const DataBenchOptions& options);

  /// For `serve_timings`.
  static std::string about();

  Timing run(double seconds) const;

 private:
  RunConfig config_;
  int threads_;
};

struct DataBenchReport {
  std::string what;  // one line
  std::vector<Timing> rounds;
  std::optional<DataStages> stages;

  std::string to_string() const;
  std::string to_json() const;
};

/// `rounds` (at least 1) timings and the stages, of about `seconds` each.
DataBenchReport bench_data(const DataBenchOptions& options, int rounds, double seconds);

/// The same for the rows' check.
DataBenchReport bench_row_checks(const DataBenchOptions& options, int rounds);

}  // namespace mobireg
