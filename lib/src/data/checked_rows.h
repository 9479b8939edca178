#pragma once

#include <memory>
#include <string>
#include <vector>

#include "image/image_folder.h"
#include "mobireg/config/data_config.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// One row of a CSV, and what is wrong with it ("" when nothing is).
struct CheckedRow {
  DatasetRow row;
  double width =
      1;  // of the upright image file, pixels; read where boxes or labels in pixels need it
  double height = 1;
  CropSquare box{0, 0, 1};
  std::string problem;
};

struct CheckedRows {
  std::vector<CheckedRow> rows;
  std::shared_ptr<const ImageFolder> folder;
};

struct CheckRequest {
  const DataConfig& data;  // of the run
  const DataSetConfig& set;
  int number = 0;  // of the set
  const ModelConfig& model;
  int threads = 1;
};

/// Reads labels, weights, boxes and groups from a set's rows and the headers of its images. Throws
/// Error when a column or the images' folder is not there, or there are no rows.
CheckedRows check_rows(const CheckRequest& request, const DataFrame& frame,
                       const std::filesystem::path& directory);

}  // namespace mobireg
