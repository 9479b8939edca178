#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mobireg {

/// One line of a chart; points whose y is not finite are gaps.
struct ChartLine {
  std::string name;
  std::string colour;  // of CSS
  std::vector<std::pair<double, double>> points;
};

struct LineChart {
  std::string title;
  std::string unit;
  std::vector<ChartLine> lines;
  std::optional<double> marked_x;  // a vertical line
  /// Whether y begins at 0. Else it is logarithmic where all is positive and spans more than a
  /// factor of 10.
  bool from_zero = false;
};

/// A figure with the names of the lines under its title. Lines are thinned out to 300 points.
/// Empty where there is nothing to draw.
std::string line_figure(const LineChart& chart);

/// A colour for one of several lines, alike on light and dark.
std::string line_colour(std::size_t line, std::size_t lines);

}  // namespace mobireg
