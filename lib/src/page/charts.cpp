#include "page/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/chart_frame.h"
#include "page/html_text.h"
#include "page/picture.h"

namespace mobireg {
namespace {

constexpr PerSplit<const char*> kSplitClasses{"train", "validation", "test"};
constexpr int kShades = 5;

double percent(const Histogram& histogram, std::size_t split, std::size_t bin) {
  return 100.0 * static_cast<double>(histogram.counts[split][bin]) /
         static_cast<double>(std::max<std::int64_t>(histogram.rows[split], 1));
}

double highest_bar(const Histogram& histogram) {
  double highest = 0;
  for (std::size_t split = 0; split < histogram.counts.size(); ++split) {
    for (std::size_t bin = 0; bin < histogram.counts[split].size(); ++bin) {
      highest = std::max(highest, percent(histogram, split, bin));
    }
  }
  return highest > 0 ? highest : 1;
}

/// One path of all bars that are not empty.
std::string bars(const Histogram& histogram, const Frame& frame) {
  const std::size_t bins = histogram.counts[0].size();
  const double width = (frame.right - frame.left) / static_cast<double>(bins);
  std::string path;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (histogram.counts[0][bin] == 0) continue;
    const double top = std::min(frame.y(percent(histogram, 0, bin)), frame.bottom - 0.5);
    path += fmt::format("M{:.1f} {:.1f}V{:.1f}h{:.1f}V{:.1f}z",
                        frame.left + width * static_cast<double>(bin) + 0.4, frame.bottom, top,
                        width - 0.8, frame.bottom);
  }
  return fmt::format("<path class=\"bars\" d=\"{}\"/>", path);
}

std::string outline(const Histogram& histogram, const Frame& frame, std::size_t split) {
  const std::size_t bins = histogram.counts[split].size();
  const double width = (frame.right - frame.left) / static_cast<double>(bins);
  std::string path = fmt::format("M{:.1f} {:.1f}", frame.left, frame.bottom);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    path += fmt::format("V{:.1f}H{:.1f}", frame.y(percent(histogram, split, bin)),
                        frame.left + width * static_cast<double>(bin + 1));
  }
  return fmt::format("<path class=\"outline {}\" d=\"{}V{:.1f}\"/>", kSplitClasses[split], path,
                     frame.bottom);
}

/// One path a shade; cells that touch in a row are one rectangle.
std::string cells_svg(const PairPlot& plot, const Frame& frame) {
  const auto largest = *std::max_element(plot.counts.begin(), plot.counts.end());
  const auto shade_of = [&](int row, int column) {
    const auto count = plot.counts[static_cast<std::size_t>(row * plot.cells + column)];
    if (count == 0) return 0;
    if (largest == 1) return kShades - 1;
    const double share =
        std::log(static_cast<double>(count)) / std::log(static_cast<double>(largest));
    return 1 + std::min(static_cast<int>(share * kShades), kShades - 1);
  };
  const double width = (frame.right - frame.left) / plot.cells;
  const double height = (frame.bottom - frame.top) / plot.cells;
  std::array<std::string, kShades + 1> paths;
  for (int row = 0; row < plot.cells; ++row) {
    const double top = plot.y_down ? frame.top + row * height : frame.bottom - (row + 1) * height;
    for (int column = 0; column < plot.cells;) {
      const int shade = shade_of(row, column);
      int end = column + 1;
      while (end < plot.cells && shade_of(row, end) == shade) ++end;
      paths[static_cast<std::size_t>(shade)] +=
          fmt::format("M{:.1f} {:.1f}h{:.1f}v{:.1f}h{:.1f}z", frame.left + column * width, top,
                      (end - column) * width, height, (column - end) * width);
      column = end;
    }
  }
  std::string svg;
  for (int shade = 1; shade <= kShades; ++shade) {
    const std::string& path = paths[static_cast<std::size_t>(shade)];
    if (!path.empty()) svg += fmt::format("<path class=\"shade s{}\" d=\"{}\"/>", shade, path);
  }
  return svg;
}

/// Where x and y are equal, within the frame.
std::string diagonal_svg(const Frame& frame) {
  const double low = std::max(frame.x_low, frame.y_low);
  const double high = std::min(frame.x_high, frame.y_high);
  if (!(low < high)) return "";
  return fmt::format("<path class=\"base\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>", frame.x(low),
                     frame.y(low), frame.x(high), frame.y(high));
}

std::string points_svg(const PairPlot& plot, const Frame& frame) {
  std::string svg;
  for (std::size_t split = 1; split < plot.points.size(); ++split) {
    if (plot.points[split].empty()) continue;
    std::string path;
    for (const auto& [x, y] : plot.points[split]) {
      path += fmt::format("M{:.1f} {:.1f}h0", frame.x(x), frame.y(y));
    }
    svg += fmt::format("<path class=\"points {}\" d=\"{}\"/>", kSplitClasses[split], path);
  }
  for (std::size_t i = 0; i < plot.marks.size(); ++i) {
    svg += fmt::format(
        "<circle class=\"mark\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}</title>"
        "</circle>",
        frame.x(plot.marks[i].first), frame.y(plot.marks[i].second),
        point_colour(i, plot.marks.size()), i);
  }
  return svg;
}

}  // namespace

std::string histogram_figure(const Histogram& histogram) {
  const bool is_angle = histogram.unit == "deg";
  const Frame frame{
      38, 8, 312, 132, histogram.low, histogram.high, 0.0, 1.05 * highest_bar(histogram)};
  std::string svg = x_axis(frame, is_angle) + y_axis(frame, false, "%") + bars(histogram, frame);
  for (std::size_t split = 1; split < histogram.counts.size(); ++split) {
    if (histogram.rows[split] > 0) svg += outline(histogram, frame, split);
  }
  const std::string title = escape_html(histogram.title);
  const std::string unit = is_angle ? "degrees" : escape_html(histogram.unit);
  return fmt::format(
      "<figure><figcaption><b>{0}</b> {1}{2}</figcaption><svg class=\"chart\" viewBox=\"0 0 320 "
      "150\" role=\"img\" aria-label=\"Histogram of {0}\">{3}{4}</svg></figure>",
      title, unit,
      histogram.beyond > 0 ? fmt::format(" \xC2\xB7 {} beyond", with_commas(histogram.beyond)) : "",
      svg, base_line(frame));
}

std::string pair_figure(const PairPlot& plot) {
  const Frame frame{38,
                    8,
                    312,
                    262,
                    plot.x_low,
                    plot.x_high,
                    plot.y_down ? plot.y_high : plot.y_low,
                    plot.y_down ? plot.y_low : plot.y_high};
  const std::string svg = x_axis(frame, plot.x_is_angle) + y_axis(frame, plot.y_is_angle, "") +
                          cells_svg(plot, frame) + (plot.diagonal ? diagonal_svg(frame) : "") +
                          points_svg(plot, frame);
  const std::string x_title = escape_html(plot.x_title), y_title = escape_html(plot.y_title);
  return fmt::format(
      "<figure><figcaption><b>{0}</b> across, <b>{1}</b> {2}</figcaption><svg class=\"chart\" "
      "viewBox=\"0 0 320 280\" role=\"img\" aria-label=\"{1} against {0}\">{3}{4}</svg></figure>",
      x_title, y_title, plot.y_down ? "down" : "up", svg, base_line(frame));
}

}  // namespace mobireg
