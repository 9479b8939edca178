#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/config/model_config.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/image/image.h"

namespace mobireg {

class ImageStore;
class LabelTransform;

/// One labelled image of a CSV.
struct DatasetRow {
  std::string filename;        // as in x_col
  std::filesystem::path csv;   // the images' folder where there is none
  std::int64_t line = 0;       // in the CSV, from 1; 0 where there is none
  std::vector<float> targets;  // one for each output, in the outputs' units; NaN where missing.
                               // Coordinates are in units of the whole image.
  float weight = 1;            // in the loss
  int set = 0;                 // which of the run's data sets
  std::string group;           // empty where the set has no groups

  /// "labels.csv:12"; the image's own path where it stands in no file.
  std::string where() const;
};

/// Pixels of one row as they are kept or were just decoded.
struct StoredImage {
  std::shared_ptr<const std::uint8_t> pixels;
  int side = 0;       // pixels; at least the input's size
  int channels = 0;   // 3: RGB, 1: grey
  CropSquare square;  // the part of the upright image file that the pixels show, in its pixels, ...
  double width = 0;   // ... whose sides are these. Without a box the aspect ratio is not kept:
  double height = 0;  // the square is then {0, 0, 1}, and so are the sides.
  CropSquare box;     // the box's square (margin 0), in the same coordinates

  ImageView view() const { return {side, side, channels, pixels.get()}; }
};

/// Labelled images in CSV order. Immutable, so it can be read by many threads.
class ImageRegressionDataset {
 public:
  ImageRegressionDataset() = default;
  /// `positions`: of the rows' images in the store.
  ImageRegressionDataset(std::vector<DatasetRow> rows, std::shared_ptr<const ImageStore> images,
                         std::vector<std::int64_t> positions,
                         std::shared_ptr<const LabelTransform> labels);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  const DatasetRow& row(std::int64_t i) const { return rows_[static_cast<std::size_t>(i)]; }
  const InputConfig& input() const;
  const LabelTransform& labels() const { return *labels_; }

  /// From memory, or decoded now. Throws Error naming the row when the image cannot be read.
  StoredImage image(std::int64_t i) const;

  /// Margins between which training draws a row's crop.
  Range crop_margin(std::int64_t i) const;

  /// What evaluation sees: the image, with the middle crop margin, at the input's size.
  Image input_image(std::int64_t i) const;

  /// The targets that go with it: coordinates in units of the crop.
  std::vector<float> input_targets(std::int64_t i) const;

  /// Any targets of row i, in place: from units of its whole image to those of the crop, and back.
  void to_input(std::int64_t i, float* targets) const;
  void from_input(std::int64_t i, float* targets) const;

  /// The same rows as a network with another input sees them in evaluation, its images decoded each
  /// time they are asked for. `margin`: of its crops about a box; unset: the middle of this
  /// dataset's. Rows without a box stay whole images.
  ImageRegressionDataset as_seen_by(const InputConfig& input, std::optional<double> margin) const;

  /// Where row i's image file lies.
  std::filesystem::path file(std::int64_t i) const;

  /// The rows for which `keep` holds; images are shared.
  ImageRegressionDataset filter(const std::function<bool(const DatasetRow&)>& keep) const;

  /// SHA-256 over the rows' file names, targets and weights, in hexadecimal: tells whether a
  /// resumed run sees the rows it began with.
  std::string fingerprint() const;

 private:
  std::vector<DatasetRow> rows_;
  std::shared_ptr<const ImageStore> images_;
  std::vector<std::int64_t> positions_;
  std::shared_ptr<const LabelTransform> labels_;
};

/// The rows of a config, split. Rows are fixed before any shuffling.
struct Datasets {
  ImageRegressionDataset train;
  ImageRegressionDataset validation;
  ImageRegressionDataset test;
  ImageRegressionDataset unlabelled;  // images to learn from without labels; most runs have none

  /// Of all rows that training depends on.
  std::string fingerprint() const;
};

/// A data set whose rows are at hand. All are training rows, whatever `set` says of a split; its
/// `directory` must be given.
struct TrainingRows {
  DataSetConfig set;
  DataFrame frame;
};

using WarningCallback = std::function<void(const std::string&)>;

/// Reads the CSVs, checks every row (its label, and its image's header), and splits. In memory mode
/// all images are decoded here, by `threads` threads, or come from the cache.
/// Throws Error that lists bad rows with their lines, unless `data.skip_bad_rows`, which leaves
/// them out and tells `warn`. `more` are data sets after the config's.
Datasets open_datasets(const DataConfig& data, const ModelConfig& model, int threads,
                       const WarningCallback& warn = {},
                       const std::vector<TrainingRows>& more = {});

/// All rows of one data set as one dataset, checked in the same way, however it is split.
/// `data.sets` is not read.
ImageRegressionDataset open_dataset(const DataConfig& data, const ModelConfig& model, int threads,
                                    const WarningCallback& warn = {});

/// The same for rows that are at hand; `data.csv` only names them in messages.
ImageRegressionDataset open_dataset(const DataFrame& frame, const DataConfig& data,
                                    const ModelConfig& model, int threads,
                                    const WarningCallback& warn = {});

}  // namespace mobireg
