#pragma once

#include <string>
#include <vector>

namespace mobireg {

/// The area of a chart in its SVG's units, and the values at its edges.
struct Frame {
  double left, top, right, bottom;
  double x_low, x_high;
  double y_low, y_high;  // at the bottom and at the top

  double x(double value) const {
    return left + (right - left) * (value - x_low) / (x_high - x_low);
  }
  double y(double value) const {
    return bottom - (bottom - top) * (value - y_low) / (y_high - y_low);
  }
};

/// Round numbers (1, 2 or 5 times a power of ten apart; of angles also 15, 30, 45, 90 apart) in
/// [low, high], at most `most` of them; low < high.
std::vector<double> axis_ticks(double low, double high, int most, bool is_angle);

/// 1, 2 and 5 times powers of ten in [low, high], or powers of ten alone where there would be more
/// than `most`; 0 < low < high.
std::vector<double> log_ticks(double low, double high, int most);

// Grid lines with their numbers, and the line at the bottom, as SVG.

std::string x_axis(const Frame& frame, bool is_angle);
std::string y_axis(const Frame& frame, bool is_angle, const char* suffix = "");
std::string base_line(const Frame& frame);

/// One grid line, with its text.
std::string x_tick(const Frame& frame, double x, const std::string& text);
std::string y_tick(const Frame& frame, double y, const std::string& text);

}  // namespace mobireg
