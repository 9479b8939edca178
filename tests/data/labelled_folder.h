#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/core/random.h"
#include "mobireg/data/dataset.h"
#include "temporary_folder.h"

namespace mobireg {

/// An image file of random pixels, its format by its extension.
inline void write_random_image(const std::filesystem::path& path, int width, int height,
                               std::uint64_t seed, int channels = 3) {
  cv::Mat image(height, width, CV_8UC(channels));
  Random random(seed);
  for (uchar* pixel = image.data; pixel != image.dataend; ++pixel) {
    *pixel = static_cast<uchar>(random.next());
  }
  std::filesystem::create_directories(path.parent_path());
  cv::imwrite(path.string(), image);
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// By which a LabelledFolder's rows are told apart: their labels.
using RowNumbers = std::vector<int>;

/// A data set: `images/0.png`, `images/1.png`, ... of random pixels, and `labels.csv` in which row
/// i has the columns filename, angle (i) and person (two rows a person).
class LabelledFolder {
 public:
  explicit LabelledFolder(int rows, int size = 32) {
    std::string csv = "filename,angle,person\n";
    for (int i = 0; i < rows; ++i) {
      const std::string name = "images/" + std::to_string(i) + ".png";
      write_random_image(path() / name, size, size, static_cast<std::uint64_t>(i));
      csv += name + "," + std::to_string(i) + ",p" + std::to_string(i / 2) + "\n";
    }
    write_text(csv_path(), csv);
    data.csv = csv_path();
    data.directory = path();
    data.y_col = {"angle"};
    data.validation.rule = SplitRule::kNone;
    model.outputs = {{"angle", Unit::kDegrees}};
    model.input.size = 32;
    model.input.mean = {123, 123, 123};
    model.input.scale = {58, 58, 58};
    model = resolve_config(model);
  }

  std::filesystem::path path() const { return folder_.path(); }
  std::filesystem::path csv_path() const { return path() / "labels.csv"; }

  Datasets open(int threads = 2, const WarningCallback& warn = {}) const {
    return open_datasets(data, model, threads, warn);
  }

  DataConfig data;
  ModelConfig model;

 private:
  TemporaryFolder folder_;
};

/// The rows of a LabelledFolder that a dataset holds.
inline RowNumbers rows_of(const ImageRegressionDataset& dataset) {
  RowNumbers rows;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    rows.push_back(static_cast<int>(dataset.row(i).targets.at(0)));
  }
  return rows;
}

inline RowNumbers numbers(int begin, int end) {
  RowNumbers rows(static_cast<std::size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

}  // namespace mobireg
