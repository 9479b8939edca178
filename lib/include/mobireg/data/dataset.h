#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/config/model_config.h"
#include "mobireg/data/image.h"

namespace mobireg {

/// One labelled image of a CSV.
struct DatasetRow {
  std::string filename;        // as in x_col
  std::filesystem::path path;  // of the image
  std::filesystem::path csv;
  std::int64_t line = 0;       // in the CSV, from 1
  std::vector<float> targets;  // one for each output, in the labels' units
};

/// A row and its decoded image, or none where images are streamed.
struct DatasetEntry {
  DatasetRow row;
  std::shared_ptr<const Image> image;
};

/// Labelled images in CSV order. Immutable, so it can be read by many threads.
class ImageRegressionDataset {
 public:
  ImageRegressionDataset() = default;
  ImageRegressionDataset(std::vector<DatasetEntry> entries, const InputConfig& input);

  std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  const DatasetRow& row(std::int64_t i) const { return entries_[static_cast<std::size_t>(i)].row; }
  const InputConfig& input() const { return input_; }

  /// From memory, or decoded now. Throws Error naming the row when the image cannot be read.
  std::shared_ptr<const Image> image(std::int64_t i) const;

  /// The rows for which `keep` holds; images are shared.
  ImageRegressionDataset filter(const std::function<bool(const DatasetRow&)>& keep) const;

  /// SHA-256 over the rows' file names and targets, in hexadecimal: tells whether a resumed run
  /// sees the rows it began with.
  std::string fingerprint() const;

 private:
  std::vector<DatasetEntry> entries_;
  InputConfig input_;
};

/// The rows of a config, split. Rows are fixed before any shuffling.
struct Datasets {
  ImageRegressionDataset train;
  ImageRegressionDataset validation;
  ImageRegressionDataset test;
};

using WarningCallback = std::function<void(const std::string&)>;

/// Reads the CSV, checks every row (its label and its image), and splits. In memory mode all images
/// are decoded here, by `threads` threads.
/// Throws Error that lists bad rows with their lines, unless `data.skip_bad_rows`, which leaves
/// them out and tells `warn`.
Datasets open_datasets(const DataConfig& data, const ModelConfig& model, int threads,
                       const WarningCallback& warn = {});

/// All rows of one CSV as one dataset, checked in the same way; its images lie in `data.directory`,
/// or in the CSV's own folder where that is empty.
ImageRegressionDataset open_dataset(const std::filesystem::path& csv, const DataConfig& data,
                                    const ModelConfig& model, int threads,
                                    const WarningCallback& warn = {});

}  // namespace mobireg
