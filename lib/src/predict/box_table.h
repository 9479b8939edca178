#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mobireg/deploy/predictor.h"

namespace mobireg {

/// The face boxes of a CSV, by image.
class BoxTable {
 public:
  /// Columns: `filename`, relative to the CSV's folder, and left, top, right, bottom, or x0, y0,
  /// x1, y1, in pixels. Throws Error when one is missing, or a box is none.
  explicit BoxTable(const std::filesystem::path& csv);

  /// The images, in the order in which the CSV first names them.
  const std::vector<std::filesystem::path>& images() const { return images_; }

  /// In the CSV's order; empty where it does not name the image.
  std::vector<FaceBox> boxes_of(const std::filesystem::path& image) const;

 private:
  std::vector<std::filesystem::path> images_;
  std::map<std::filesystem::path, std::vector<FaceBox>> boxes_;  // by canonical path
};

}  // namespace mobireg
