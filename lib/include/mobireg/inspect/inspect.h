#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/page/figures.h"

namespace mobireg {

struct InspectOptions {
  int threads = 0;   // 0: all cores
  int samples = 12;  // training images on the contact sheet
  int draws = 5;     // augmented draws of each
};

/// A row that the page shows, as evaluation sees it.
struct ShownRow {
  std::string filename;
  std::string where;  // "labels.csv:12"
  RowSplit split = RowSplit::kTrain;
  LabelledImage seen;
};

/// What needs attention, and what to do about it. Plain text.
struct Finding {
  enum class Kind { kWarning, kNote };
  Kind kind = Kind::kWarning;
  std::string what;
  std::string what_to_do;
};

struct SetCounts {
  std::string csv;
  PerSplit<std::int64_t> rows{};
  PerSplit<std::int64_t> groups{};  // 0 where the set has none
};

/// One output's labels in one data set, after its signs and offsets, in the unit of reports (angles
/// in degrees). The numbers are NaN where no label is present.
struct LabelSummary {
  std::string output;
  int set = 0;
  std::int64_t present = 0;
  std::int64_t missing = 0;
  double min = 0;
  double percentile_1 = 0;
  double median = 0;
  double percentile_99 = 0;
  double max = 0;
  double mean = 0;
  double std = 0;  // n - 1
  std::string unit;
  std::string declared_unit;  // of the CSV's column
  std::string guessed_unit;   // what the column's values look like; empty: no telling
  std::string guess_reason;
  bool is_full_turn = false;  // angles from 0 to a full turn
};

struct Outlier {
  ShownRow row;
  std::string output;
  double value = 0;  // unit of reports
  double score = 0;  // distance from the median in robust standard deviations
};

/// The rows with an output's lowest and highest labels.
struct Extremes {
  std::string output;
  std::vector<ShownRow> lowest;
  std::vector<ShownRow> highest;
};

/// Rows whose images are alike.
struct DuplicateGroup {
  bool exact = false;         // the same pixels
  bool mirrored = false;      // near: one is like the other's mirror image
  bool across_split = false;  // rows of it are trained on and others judged on
  bool conflict = false;      // exact and with different labels
  std::int64_t rows = 0;
  int distance = 0;       // near: bits in which the hashes differ
  double similarity = 1;  // near: correlation
  std::vector<ShownRow> shown;
};

struct DuplicateReport {
  std::int64_t exact_groups = 0;
  std::int64_t exact_rows = 0;  // in them
  std::int64_t exact_across = 0;
  std::int64_t conflicts = 0;
  std::int64_t near_pairs = 0;
  std::int64_t near_across = 0;
  std::int64_t judged_rows_seen_in_training = 0;  // validation and test rows like a training row
  bool is_complete = true;            // false: there are more near pairs than are counted
  std::vector<DuplicateGroup> shown;  // across the split first
};

/// A training image and what augmentation makes of it.
struct AugmentedRow {
  ShownRow row;
  std::vector<LabelledImage> draws;
};

/// Everything that is worth knowing about a run's data before the first epoch.
struct Inspection {
  std::string source;  // what was inspected, for the title
  std::vector<OutputConfig> outputs;
  bool labels_follow = true;
  std::vector<Finding> findings;
  std::vector<SetCounts> sets;
  std::vector<std::string> unreadable;  // one message a bad row, as the data set gives it
  std::vector<LabelSummary> labels;
  std::vector<Histogram> histograms;
  std::vector<PairPlot> pair_plots;
  std::int64_t outlier_rows = 0;
  std::vector<Outlier> outliers;  // the furthest
  std::vector<Extremes> extremes;
  DuplicateReport duplicates;
  std::vector<AugmentedRow> samples;
};

/// A run for a CSV that nothing is known about: the default config, and where the CSV lacks the
/// columns pitch, yaw and roll, an output for each of its numeric columns. Units are guessed from
/// the values; the augmentation is a mild one, so that it is seen whether labels follow. File names
/// are in the column `filename`, or else in the first column of text. `overrides` as in
/// `load_run_config`.
/// Throws Error when the CSV cannot be read or has no such columns.
RunConfig run_config_for_csv(const std::filesystem::path& csv,
                             const std::vector<std::string>& overrides = {});

/// Reads all of a run's images, once. Rows that cannot be used are left out and listed. `config`
/// must be resolved. The same data gives the same result. Throws Error when there is nothing to
/// inspect.
Inspection inspect(const RunConfig& config, const InspectOptions& options = {});

/// One HTML page that needs no other file, no network and no script.
std::string to_html(const Inspection& inspection);

/// What `mobireg-inspect` is told.
struct InspectFileOptions {
  std::filesystem::path data_or_config;  // a run's config where it ends in .json, else a CSV
  std::vector<std::string> overrides;    // as in `load_run_config`
  std::filesystem::path output;          // empty: NAME_inspect.html in the current folder
  bool overwrite = false;
  InspectOptions inspect;
};

/// Inspects and writes the page, whose path is returned with what it says.
/// Throws Error, before anything is read, when the output exists already, unless `overwrite`.
std::pair<std::filesystem::path, Inspection> inspect_file(const InspectFileOptions& options);

}  // namespace mobireg
