#include "augmentation/spline.h"

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

/// scipy's; the spline's ringing has died away over so many pixels.
constexpr int kPadding = 12;

std::vector<double> poles_of(int order) {
  switch (order) {
    case 2:
      return {std::sqrt(8.0) - 3};
    case 3:
      return {std::sqrt(3.0) - 2};
    case 4:
      return {std::sqrt(664 - std::sqrt(438976.0)) + std::sqrt(304.0) - 19,
              std::sqrt(664 + std::sqrt(438976.0)) - std::sqrt(304.0) - 19};
    case 5:
      return {std::sqrt(67.5 - std::sqrt(4436.25)) + std::sqrt(26.25) - 6.5,
              std::sqrt(67.5 + std::sqrt(4436.25)) - std::sqrt(26.25) - 6.5};
    default:
      return {};
  }
}

/// What the line is continued as: about the border pixels' centres, or about their outer edges.
bool mirrors_about_centres(FillMode mode) {
  return mode == FillMode::kConstant || mode == FillMode::kWrap;
}

/// The sum of z^k c[-k], over all k from 0, of the continued line.
double first_causal(const std::vector<double>& c, double z, FillMode mode) {
  const std::size_t n = c.size();
  const std::size_t period = mirrors_about_centres(mode) ? 2 * n - 2 : 2 * n;
  double sum = 0;
  double power = 1;
  for (std::size_t k = 0; k < period; ++k, power *= z) {
    const std::size_t from_edge = mirrors_about_centres(mode) ? k : (k == 0 ? 0 : k - 1);
    sum += power * c[from_edge < n ? from_edge : period - k];
  }
  return sum / (1 - power);
}

void filter_line(std::vector<double>& c, const std::vector<double>& poles, FillMode mode) {
  const std::size_t n = c.size();
  if (n < 2) return;
  for (const double z : poles) {
    const double gain = (1 - z) * (1 - 1 / z);
    for (double& value : c) value *= gain;
    c[0] = first_causal(c, z, mode);
    for (std::size_t i = 1; i < n; ++i) c[i] += z * c[i - 1];
    c[n - 1] = mirrors_about_centres(mode) ? (z * c[n - 2] + c[n - 1]) * z / (z * z - 1)
                                           : c[n - 1] * z / (z - 1);
    for (std::size_t i = n - 1; i-- > 0;) c[i] = z * (c[i + 1] - c[i]);
  }
}

void filter_lines(SplineImage& image, int length, std::size_t step, int lines,
                  std::size_t next_line, const std::vector<double>& poles) {
  std::vector<double> line(static_cast<std::size_t>(length));
  for (int i = 0; i < lines; ++i) {
    for (int c = 0; c < image.channels; ++c) {
      double* first = image.coefficients.data() + static_cast<std::size_t>(i) * next_line + c;
      for (std::size_t k = 0; k < line.size(); ++k) line[k] = first[k * step];
      filter_line(line, poles, image.fill_mode);
      for (std::size_t k = 0; k < line.size(); ++k) first[k * step] = line[k];
    }
  }
}

SplineImage padded(const ImageView& image, int padding) {
  SplineImage result;
  result.height = image.height + 2 * padding;
  result.width = image.width + 2 * padding;
  result.channels = image.channels;
  result.padding = padding;
  for (int y = 0; y < result.height; ++y) {
    const int from_y = std::clamp(y - padding, 0, image.height - 1);
    for (int x = 0; x < result.width; ++x) {
      const int from_x = std::clamp(x - padding, 0, image.width - 1);
      const std::ptrdiff_t pixel = std::ptrdiff_t{from_y} * image.width + from_x;
      const std::uint8_t* values = image.pixels + pixel * image.channels;
      result.coefficients.insert(result.coefficients.end(), values, values + image.channels);
    }
  }
  return result;
}

int border_index(int index, int length, FillMode mode) {
  if (mode == FillMode::kNearest || length == 1) return std::clamp(index, 0, length - 1);
  const int period = mirrors_about_centres(mode) ? 2 * length - 2 : 2 * length;
  const int in_period = (index % period + period) % period;
  if (in_period < length) return in_period;
  return mirrors_about_centres(mode) ? period - in_period : period - 1 - in_period;
}

}  // namespace

SplineImage fit_spline(const ImageView& image, int order, FillMode fill_mode) {
  SplineImage result = padded(image, order > 1 && fill_mode == FillMode::kNearest ? kPadding : 0);
  result.order = order;
  result.fill_mode = fill_mode;
  const std::vector<double> poles = poles_of(order);
  if (poles.empty()) return result;
  const auto pixel = static_cast<std::size_t>(image.channels);
  const std::size_t row = pixel * static_cast<std::size_t>(result.width);
  filter_lines(result, result.height, row, result.width, pixel, poles);
  filter_lines(result, result.width, pixel, result.height, row, poles);
  return result;
}

SplineTaps spline_taps(double at, int length, int order, FillMode fill_mode) {
  // Splines of even order have their knots between the pixels.
  const double from_knot = order % 2 == 0 ? at + 0.5 : at;
  const double knot = std::floor(from_knot);
  const double u = from_knot - knot;
  SplineTaps taps{};
  taps.weight[0] = 1;
  for (int j = 1; j <= order; ++j) {  // Cox and de Boor's recursion for knots at whole numbers
    double carried = 0;
    for (int r = 0; r < j; ++r) {
      const double share = taps.weight[r] / j;
      taps.weight[r] = carried + (r + 1 - u) * share;
      carried = (u + j - r - 1) * share;
    }
    taps.weight[j] = carried;
  }
  for (int k = 0; k <= order; ++k) {
    taps.index[k] = border_index(static_cast<int>(knot) - order / 2 + k, length, fill_mode);
  }
  return taps;
}

}  // namespace mobireg
