#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/augmentation_config.h"
#include "mobireg/config/model_config.h"

namespace mobireg {

/// Which rows are set aside. Always decided before shuffling, from the rows in CSV order.
enum class SplitRule {
  kNone,
  kFirstFraction,   // the first rows, as Keras's validation_split
  kRandomFraction,  // rows drawn by `seed`
  kPattern,         // rows whose x_col matches the regular expression `pattern`
  kCsv,             // the rows of another file, `csv`
};

struct SplitConfig {
  SplitRule rule = SplitRule::kNone;
  double fraction = 0.15;
  std::uint64_t seed = 1;
  std::string pattern{};
  std::filesystem::path csv{};
};

/// One CSV of labelled images. Where labels are in other units, signs or from another zero than the
/// network's outputs: target = sign * label + offset, in the set's unit, then converted.
struct DataSetConfig {
  std::filesystem::path csv;
  std::filesystem::path directory;  // of the images; empty: the CSV's own folder
  std::string x_col = "filename";
  std::vector<std::string> y_col;  // a column for each output that the set has; empty: their names
  std::vector<std::string> missing{};  // outputs it lacks: they count in no loss and no metric
  std::vector<Unit> units{};           // of the labels, one or one a column; empty: the outputs'
  std::vector<double> signs{};         // 1 or -1, one a column; empty: 1
  std::vector<double> offsets{};       // in the labels' unit, one a column; empty: 0
  double weight = 1.0;                 // of its rows in the loss
  std::string weight_col{};            // column of the rows' own weights
  /// Columns of a face box in pixels of the image file: left, top, right, bottom. Empty: the whole
  /// image is the crop. Else the crop is the square about the box's centre whose side is the box's
  /// longer one, and `crop_margin` of it more each way; training draws the margin, validation and
  /// test take the middle of the range. Where it leaves the image, the border is repeated.
  std::vector<std::string> box{};
  Range crop_margin{};
  /// Rows of one group (a person, a photograph) are never split between training, validation and
  /// test: by column, or by what a regular expression finds in x_col (its first capture, where it
  /// has one; rows without a match are groups of their own).
  std::string group_column{};
  std::string group_pattern{};
  SplitConfig test{};
  SplitConfig validation{SplitRule::kFirstFraction};
};

/// Where decoded images are kept. `kMemory`: decoded once, resized, kept as 8-bit pixels.
/// `kStream`: decoded every time. `kAuto`: memory while they fit into a quarter of the machine's.
enum class ImageMode { kAuto, kMemory, kStream };

/// Draws rare labels more often: a training row is drawn with a probability proportional to
/// (rows of its bin) ^ -strength, its bin being one of `bins` equal parts of the output's range.
struct BalanceConfig {
  std::string output{};  // empty: every row once a pass
  int bins = 10;
  double strength = 1.0;  // 1: all bins alike; 0: as they are
};

/// The data of a run: one set, described right here, or several, in `sets`.
struct DataConfig : DataSetConfig {
  std::vector<DataSetConfig> sets;
  bool shuffle = true;
  BalanceConfig balance;
  bool validate_filenames = true;
  bool skip_bad_rows = false;
  double max_megapixels = 64.0;
  ImageMode mode = ImageMode::kAuto;
  std::filesystem::path cache;  // folder; empty: none
  std::filesystem::path save_to_dir;
  std::string save_prefix;
  int workers = 0;   // loader threads; 0: see `loader_threads` of training/trainer.h
  int prefetch = 4;  // batches ready ahead of the training step

  /// `sets`, or the one that is described here.
  std::vector<DataSetConfig> all_sets() const {
    return sets.empty() ? std::vector<DataSetConfig>{*this} : sets;
  }
};

}  // namespace mobireg
