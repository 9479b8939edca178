#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// Mean absolute errors in the unit of reports (angles in degrees).
struct MaeByOutput {
  double mae = 0;  // mean over the outputs
  std::vector<double> outputs;
};

/// What a run's folder says of it.
struct RunRecord {
  std::filesystem::path path;
  std::string name;  // the folder's, or the whole path where two are alike
  RunConfig config;
  int epochs = 0;                           // done so far
  std::optional<int> best_epoch;            // lowest validation MAE
  std::optional<MaeByOutput> validation;    // of that epoch
  std::optional<MaeByOutput> test;          // of its checkpoint, where that was evaluated
  std::optional<double> images_per_second;  // median over the epochs
  std::int64_t parameters = 0;
};

/// A field of the configs in which runs differ.
struct FieldDifference {
  std::string field;  // dotted
  /// Each value as JSON ("not there" where a run has no such field), and the names of its runs.
  std::vector<std::pair<std::string, std::vector<std::string>>> values;
};

struct CompareOptions {
  /// Whether the best checkpoints of runs that were not yet evaluated on their test rows are, which
  /// needs the data. What comes out is kept in the run's folder, in test.json.
  bool evaluate = false;
  int threads = 0;             // 0: all cores
  std::filesystem::path html;  // a page to write; empty: none
  bool overwrite = false;      // it, where it exists
  WarningCallback warn;
};

/// Runs of the same outputs beside each other, in the order they were given.
struct RunComparison {
  std::vector<RunRecord> runs;
  std::vector<FieldDifference> differences;  // run_dir aside

  /// A table with a line a run, and the differences.
  std::string to_string() const;
};

/// Reads the folders of runs, which may be going on. Throws Error when one is no run's, or has
/// other outputs than the first; and, before anything is read, when the page exists already, unless
/// `overwrite`.
RunComparison compare_runs(const std::vector<std::filesystem::path>& run_dirs,
                           const CompareOptions& options = {});

/// One HTML page with the table, the differences and the runs' curves on top of each other; it
/// needs no other file, no network and no script. Throws Error when a run's metrics.csv cannot be
/// read.
std::string to_html(const RunComparison& comparison);

}  // namespace mobireg
