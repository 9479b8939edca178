#include "page/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "page/chart_frame.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

constexpr std::size_t kMostPoints = 300;
constexpr double kLogFrom = 10;  // largest over smallest value

/// What the axes span.
struct Span {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool is_empty() const { return low > high; }
};

/// Every so many points, the last one among them.
std::vector<std::pair<double, double>> thinned(
    const std::vector<std::pair<double, double>>& points) {
  const std::size_t every = (points.size() + kMostPoints - 1) / kMostPoints;
  std::vector<std::pair<double, double>> kept;
  if (points.empty()) return kept;
  for (std::size_t i = (points.size() - 1) % every; i < points.size(); i += every) {
    kept.push_back(points[i]);
  }
  return kept;
}

std::string line_svg(const ChartLine& line, const Frame& frame, bool is_log) {
  std::string path;
  bool is_open = false;
  for (const auto& [x, y] : thinned(line.points)) {
    if (!std::isfinite(y)) {
      is_open = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", is_open ? 'L' : 'M', frame.x(x),
                        frame.y(is_log ? std::log10(y) : y));
    if (!is_open) path += "h0";  // so that a point alone is a dot
    is_open = true;
  }
  if (path.empty()) return "";
  return fmt::format("<path class=\"line\" style=\"stroke:{}\" d=\"{}\"/>",
                     escape_html(line.colour), path);
}

std::string key_html(const LineChart& chart) {
  std::string html = "<p class=\"key\">";
  for (const ChartLine& line : chart.lines) {
    html += fmt::format("<span><i style=\"background:{}\"></i>{}</span>", escape_html(line.colour),
                        escape_html(line.name));
  }
  return html + "</p>";
}

std::string log_axis(const Frame& frame) {
  std::string svg;
  for (const double tick : log_ticks(std::pow(10, frame.y_low), std::pow(10, frame.y_high), 7)) {
    svg += y_tick(frame, std::log10(tick), short_number(tick));
  }
  return svg;
}

/// Epochs are whole numbers.
std::string epoch_axis(const Frame& frame) {
  std::string svg;
  for (const double tick : axis_ticks(frame.x_low, frame.x_high, 7, false)) {
    if (tick == std::round(tick)) svg += x_tick(frame, tick, fmt::format("{:.0f}", tick));
  }
  return svg;
}

void widen(Span& span, double share) {
  const double margin = span.high > span.low ? share * (span.high - span.low)
                                             : std::max(0.05 * std::abs(span.low), 1e-6);
  span.low -= margin;
  span.high += margin;
}

}  // namespace

std::string line_colour(std::size_t line, std::size_t lines) {
  return fmt::format("hsl({:.0f} 62% 52%)",
                     212 + 360.0 * static_cast<double>(line) / static_cast<double>(lines));
}

std::string line_figure(const LineChart& chart) {
  Span x, y;
  for (const ChartLine& line : chart.lines) {
    for (const auto& [px, py] : line.points) {
      if (!std::isfinite(py)) continue;
      x.add(px);
      y.add(py);
    }
  }
  if (y.is_empty()) return "";
  const bool is_log = !chart.from_zero && y.low > 0 && y.high > kLogFrom * y.low;
  if (is_log) y = {std::log10(y.low), std::log10(y.high)};
  if (chart.from_zero) y.add(0);
  widen(y, 0.04);
  if (x.high <= x.low) widen(x, 0);
  const Frame frame{44, 8, 312, 162, x.low, x.high, y.low, y.high};
  std::string svg = epoch_axis(frame) + (is_log ? log_axis(frame) : y_axis(frame, false));
  if (chart.marked_x) {
    svg += fmt::format("<path class=\"marked\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>",
                       frame.x(*chart.marked_x), frame.top, frame.bottom);
  }
  for (const ChartLine& line : chart.lines) svg += line_svg(line, frame, is_log);
  const std::string title = escape_html(chart.title);
  return fmt::format(
      "<figure><figcaption><b>{0}</b> {1}{2}</figcaption>{3}<svg class=\"chart\" viewBox=\"0 0 320 "
      "180\" role=\"img\" aria-label=\"{0} by epoch\">{4}{5}</svg></figure>",
      title, escape_html(chart.unit), is_log ? " \xC2\xB7 logarithmic" : "", key_html(chart), svg,
      base_line(frame));
}

}  // namespace mobireg
