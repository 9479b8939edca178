#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mobireg {

/// Which rows are set aside. Always decided before shuffling, from the rows in CSV order.
enum class SplitRule {
  kNone,
  kFirstFraction,   // the first rows, as Keras's validation_split
  kRandomFraction,  // rows drawn by `seed`
  kGroupFraction,   // whole groups drawn by `seed` until `fraction` of the rows is reached
  kPattern,         // rows whose x_col matches the regular expression `pattern`
  kCsv,             // the rows of another file, `csv`
};

struct SplitConfig {
  SplitRule rule = SplitRule::kNone;
  double fraction = 0.15;
  std::uint64_t seed = 1;
  /// kPattern: which rows. kGroupFraction without `group_column`: what the pattern matches in x_col
  /// names the row's group (its first capture, where it has one); rows it does not match are groups
  /// of their own.
  std::string pattern{};
  std::string group_column{};
  std::filesystem::path csv{};
};

/// Where decoded images are kept. `kMemory`: decoded once, resized, kept as 8-bit pixels.
/// `kStream`: decoded every time. `kAuto`: memory while they fit into a quarter of the machine's.
enum class ImageMode { kAuto, kMemory, kStream };

struct DataConfig {
  std::filesystem::path csv;
  std::filesystem::path directory;  // of the images; empty: the CSV's own folder
  std::string x_col = "filename";
  std::vector<std::string> y_col;  // empty: the outputs' names
  SplitConfig test;
  SplitConfig validation{SplitRule::kFirstFraction};
  bool skip_bad_rows = false;
  ImageMode mode = ImageMode::kAuto;
  int workers = 0;   // loader threads; 0: as many as compute threads, at most 8
  int prefetch = 4;  // batches ready ahead of the training step
};

using Interval = std::pair<double, double>;

/// The geometric and brightness part of Keras's ImageDataGenerator: names, units and meaning are
/// Keras's (tf.keras 2.15). Each value is drawn uniformly for each image; pixels from outside the
/// image repeat its border (`fill_mode` nearest). Labels do not follow the geometry.
struct AugmentationConfig {
  double rotation_range = 0.0;      // degrees, either way
  double width_shift_range = 0.0;   // fraction of the width, either way
  double height_shift_range = 0.0;  // fraction of the height, either way
  double shear_range = 0.0;         // degrees, either way
  Interval zoom_range{1.0, 1.0};    // x and y drawn apart; below 1 enlarges, as in Keras
  Interval brightness_range{1.0, 1.0};
};

}  // namespace mobireg
