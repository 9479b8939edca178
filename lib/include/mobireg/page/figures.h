#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mobireg/image/image.h"

namespace mobireg {

// What a page draws.

enum class RowSplit { kTrain, kValidation, kTest };

/// One value for each RowSplit.
template <class T>
using PerSplit = std::array<T, 3>;

/// An image and the labels that go with it: one for each output, in the outputs' units, coordinates
/// in units of the image; NaN where missing.
struct LabelledImage {
  Image image;
  std::vector<float> targets;
};

/// Equal bins from `low` to `high`; values beyond are only counted.
struct Histogram {
  std::string title;
  std::string unit;
  double low = 0;
  double high = 1;
  PerSplit<std::vector<std::int64_t>> counts;
  PerSplit<std::int64_t> rows{};
  std::int64_t beyond = 0;
};

/// The training rows of two outputs as counts in cells (row by row from the lowest y), a sample of
/// the validation and test rows as points.
struct PairPlot {
  std::string x_title;
  std::string y_title;
  double x_low = 0, x_high = 1;
  double y_low = 0, y_high = 1;
  bool x_is_angle = false;  // degrees
  bool y_is_angle = false;
  bool y_down = false;    // image coordinates
  bool diagonal = false;  // a line where x and y are equal
  int cells = 0;          // a side
  std::vector<std::int64_t> counts;
  PerSplit<std::vector<std::pair<double, double>>> points;
  std::vector<std::pair<double, double>> marks;  // mean position of each point of a face
};

}  // namespace mobireg
