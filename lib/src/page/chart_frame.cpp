#include "page/chart_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/html_text.h"

namespace mobireg {
namespace {

double tick_step(double span, int most, bool is_angle) {
  if (is_angle) {
    for (const double step : {15.0, 30.0, 45.0, 90.0}) {
      if (span / step <= most && span / step >= 2) return step;
    }
  }
  const double power = std::pow(10, std::floor(std::log10(span / most)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (span / (factor * power) <= most) return factor * power;
  }
  return 10 * power;
}

/// With as many decimals as tell evenly spaced ticks apart.
std::string tick_text(double tick, const std::vector<double>& ticks) {
  if (ticks.size() < 2) return short_number(tick);
  const double step = ticks[1] - ticks[0];
  if (step < 1e-6 || std::abs(tick) >= 1e6) return short_number(tick);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  std::string text = fmt::format("{:.{}f}", tick, decimals);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int most, bool is_angle) {
  const double step = tick_step(high - low, most - 1, is_angle);
  std::vector<double> ticks;
  for (double i = std::ceil(low / step); i * step <= high; ++i) ticks.push_back(i * step);
  return ticks;
}

std::vector<double> log_ticks(double low, double high, int most) {
  std::vector<double> ticks, powers;
  const int last = static_cast<int>(std::floor(std::log10(high)));
  for (int exponent = static_cast<int>(std::floor(std::log10(low))); exponent <= last; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, exponent);
      if (tick < low || tick > high) continue;
      ticks.push_back(tick);
      if (factor == 1.0) powers.push_back(tick);
    }
  }
  return ticks.size() > static_cast<std::size_t>(most) ? powers : ticks;
}

std::string y_tick(const Frame& frame, double y, const std::string& text) {
  return fmt::format(
      "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}H{2:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" "
      "text-anchor=\"end\">{5}</text>",
      frame.left, frame.y(y), frame.right, frame.left - 5, frame.y(y) + 4, text);
}

std::string x_tick(const Frame& frame, double x, const std::string& text) {
  return fmt::format(
      "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><text x=\"{0:.1f}\" y=\"{3:.1f}\" "
      "text-anchor=\"middle\">{4}</text>",
      frame.x(x), frame.top, frame.bottom, frame.bottom + 13, text);
}

std::string x_axis(const Frame& frame, bool is_angle) {
  std::string svg;
  const std::vector<double> ticks = axis_ticks(frame.x_low, frame.x_high, 7, is_angle);
  for (const double tick : ticks) svg += x_tick(frame, tick, tick_text(tick, ticks));
  return svg;
}

std::string y_axis(const Frame& frame, bool is_angle, const char* suffix) {
  std::string svg;
  const double low = std::min(frame.y_low, frame.y_high);
  const double high = std::max(frame.y_low, frame.y_high);
  const std::vector<double> ticks = axis_ticks(low, high, 6, is_angle);
  for (const double tick : ticks) svg += y_tick(frame, tick, tick_text(tick, ticks) + suffix);
  return svg;
}

std::string base_line(const Frame& frame) {
  return fmt::format("<path class=\"base\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", frame.left, frame.bottom,
                     frame.right);
}

}  // namespace mobireg
