#include "augmentation/blur.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;

/// dcb|abcd|cba
int reflected(int i, int size) {
  while (i < 0 || i >= size) i = i < 0 ? -i : 2 * size - 2 - i;
  return i;
}

/// A row and `radius` reflected pixels on either side.
void pad_row(const PixelView& image, int y, int radius, float* out) {
  const int channels = image.channels;
  const float* row = image.pixels + static_cast<std::size_t>(y) * image.row();
  const auto copy = [&](int x) {
    std::copy_n(row + reflected(x, image.size) * channels, channels, out + (x + radius) * channels);
  };
  for (int x = -radius; x < 0; ++x) copy(x);
  std::copy_n(row, image.row(), out + radius * channels);
  for (int x = image.size; x < image.size + radius; ++x) copy(x);
}

MOBIREG_CPU_CLONES
void three_taps(const float* before, const float* centre, const float* after, float weight0,
                float weight1, std::size_t n, float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = weight0 * centre[i] + weight1 * (before[i] + after[i]);
  }
}

MOBIREG_CPU_CLONES
void add_two_taps(const float* before, const float* after, float weight, std::size_t n,
                  float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += weight * (before[i] + after[i]);
}

MOBIREG_CPU_CLONES
void add_tap(const float* x, float weight, std::size_t n, float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += weight * x[i];
}

/// Half of a symmetric kernel, its centre first.
using HalfKernel = std::vector<float>;

HalfKernel gaussian_kernel(double sigma) {
  const double sigmas = sigma < 3 ? 3.3 : sigma < 5 ? 2.9 : 2.6;
  const int radius = std::max(static_cast<int>(sigmas * sigma), 5) / 2;
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    weights.push_back(std::exp(-i * i / (2 * sigma * sigma)));
    sum += weights.back() * (i == 0 ? 1 : 2);
  }
  HalfKernel kernel;
  for (const double weight : weights) {
    if (weight < 0x1p-27 * sum) break;  // below a float's rounding
    kernel.push_back(static_cast<float>(weight / sum));
  }
  return kernel;
}

/// `at(offset)` is the input `offset` taps away from the output.
template <class At>
void convolve_line(const HalfKernel& kernel, At at, std::size_t n, float* out) {
  three_taps(at(-1), at(0), at(1), kernel[0], kernel[1], n, out);
  for (std::size_t i = 2; i < kernel.size(); ++i) {
    const int offset = static_cast<int>(i);
    add_two_taps(at(-offset), at(offset), kernel[i], n, out);
  }
}

void convolve(const PixelView& image, const HalfKernel& kernel) {
  const int radius = static_cast<int>(kernel.size()) - 1;
  const std::size_t row = image.row();
  std::vector<float> padded(row + 2 * kernel.size() * static_cast<std::size_t>(image.channels));
  std::vector<float> lines(image.count());
  const auto line = [&](int y) { return lines.data() + static_cast<std::size_t>(y) * row; };
  for (int y = 0; y < image.size; ++y) {
    pad_row(image, y, radius, padded.data());
    const float* centre = padded.data() + radius * image.channels;
    convolve_line(
        kernel, [&](int x) { return centre + x * image.channels; }, row, line(y));
  }
  for (int y = 0; y < image.size; ++y) {
    convolve_line(
        kernel, [&](int dy) { return line(reflected(y + dy, image.size)); }, row,
        image.pixels + static_cast<std::size_t>(y) * row);
  }
}

/// Weights of a line's pixels by their (y, x) from the centre.
using LineKernel = std::map<std::pair<int, int>, double>;

LineKernel line_kernel(double length, double angle) {
  const int points = static_cast<int>(std::ceil(length));
  const double step = points > 1 ? (length - 1) / (points - 1) : 0;
  LineKernel kernel;
  for (int i = 0; i < points; ++i) {
    const double along = i * step - (length - 1) / 2;
    const double x = along * std::cos(angle * kRadiansPerDegree);
    const double y = along * std::sin(angle * kRadiansPerDegree);
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    for (int dy = 0; dy < 2; ++dy) {
      for (int dx = 0; dx < 2; ++dx) {
        const double weight = (1 - std::abs(y - top - dy)) * (1 - std::abs(x - left - dx));
        if (weight > 1e-7) kernel[{top + dy, left + dx}] += weight / points;
      }
    }
  }
  return kernel;
}

}  // namespace

void gaussian_blur(const PixelView& image, double sigma) {
  if (sigma <= 1e-3) return;
  const HalfKernel kernel = gaussian_kernel(sigma);
  if (kernel.size() > 1) convolve(image, kernel);
}

void motion_blur(const PixelView& image, double length, double angle) {
  const LineKernel kernel = line_kernel(length, angle);
  if (kernel.size() == 1) return;
  const int radius = static_cast<int>(std::ceil(length / 2));
  const int side = image.size + 2 * radius;
  const std::size_t row = static_cast<std::size_t>(side) * static_cast<std::size_t>(image.channels);
  std::vector<float> padded(row * static_cast<std::size_t>(image.size));
  for (int y = 0; y < image.size; ++y) {
    pad_row(image, y, radius, padded.data() + static_cast<std::size_t>(y) * row);
  }
  for (int y = 0; y < image.size; ++y) {
    float* out = image.pixels + static_cast<std::size_t>(y) * image.row();
    std::fill_n(out, image.row(), 0.0F);
    for (const auto& [offset, weight] : kernel) {
      const auto from = static_cast<std::size_t>(reflected(y + offset.first, image.size));
      add_tap(padded.data() + from * row + (radius + offset.second) * image.channels,
              static_cast<float>(weight), image.row(), out);
    }
  }
}

void downscale(const PixelView& image, double factor) {
  const int side = std::max(1, static_cast<int>(std::lround(factor * image.size)));
  if (side >= image.size) return;
  cv::Mat whole(image.size, image.size, CV_32FC(image.channels), image.pixels);
  cv::Mat small;
  cv::resize(whole, small, {side, side}, 0, 0, cv::INTER_AREA);
  cv::resize(small, whole, whole.size(), 0, 0, cv::INTER_LINEAR);
}

}  // namespace mobireg
