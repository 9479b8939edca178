#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/data/dataset.h"
#include "mobireg/evaluation/evaluate.h"

namespace mobireg {

enum class RowSet { kTrain, kValidation, kTest };

/// Which labelled images a trained file is judged on.
struct EvaluateOptions {
  std::filesystem::path file;  // checkpoint or exported file
  /// The images. Empty: those of the checkpoint's own run, `rows` of them.
  std::filesystem::path csv;
  std::filesystem::path directory;  // of `csv`'s images; empty: its own folder
  std::string x_col = "filename";
  std::vector<std::string> y_col;  // empty: the outputs' names
  std::optional<RowSet> rows;      // unset: test rows where the run has any, else validation rows
  std::string match;               // only file names in which this regular expression is found
  bool skip_bad_rows = false;
  int threads = 0;                    // 0: all cores
  std::filesystem::path predictions;  // CSV to write; empty: none
  WarningCallback warn;
};

/// Loads, predicts and judges. Throws Error when the file or the images cannot be used.
Evaluation evaluate_file(const EvaluateOptions& options);

/// Up to `limit` images, evenly spread over the rows of a checkpoint's run, as
/// (N, channels, size, size) float of 0 to 255. Throws Error when the run's data is not there.
at::Tensor images_of_run(const std::filesystem::path& checkpoint, std::int64_t limit);

/// Up to `limit` images of a folder, by name. Throws Error when one cannot be read.
at::Tensor images_of_folder(const std::filesystem::path& folder, const InputConfig& input,
                            std::int64_t limit);

}  // namespace mobireg
