#include "augmentation/colour_operations.h"

#include <array>
#include <cmath>
#include <cstdint>

#include "augmentation/vector_math.h"
#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;
constexpr std::array<double, 3> kGrey{0.299, 0.587, 0.114};

/// Row by row: what R, G and B of the result take of the pixel's.
using Matrix = std::array<float, 9>;

inline float clipped(float value) {
  const float low = value > 0.0F ? value : 0.0F;
  return low < 255.0F ? low : 255.0F;
}

MOBIREG_CPU_CLONES
void scale_and_clip(std::size_t n, float factor, float offset, float* values) {
  for (std::size_t i = 0; i < n; ++i) values[i] = clipped(factor * values[i] + offset);
}

/// Of values of 0 to 255. Clipping them here, or a condition for 0, would keep the loop from
/// becoming vector code.
MOBIREG_CPU_CLONES
void power(std::size_t n, float gamma, float* values) {
  for (std::size_t i = 0; i < n; ++i) {
    const float x = values[i] * (1.0F / 255.0F);
    const float above_zero = x + 1e-30F;
    const float result = vector_math::exp_of_negative(gamma * vector_math::log(above_zero));
    values[i] = 255.0F * result * (x / above_zero);
  }
}

MOBIREG_CPU_CLONES
void mix_colours(std::size_t pixels, const Matrix& m, float* rgb) {
  const Matrix k = m;
  for (std::size_t i = 0; i < pixels; ++i) {
    const float r = rgb[3 * i];
    const float g = rgb[3 * i + 1];
    const float b = rgb[3 * i + 2];
    rgb[3 * i] = k[0] * r + k[1] * g + k[2] * b;
    rgb[3 * i + 1] = k[3] * r + k[4] * g + k[5] * b;
    rgb[3 * i + 2] = k[6] * r + k[7] * g + k[8] * b;
  }
}

/// Lanes that a row is summed in: whole pixels, whole vectors.
constexpr std::size_t kLanes = 48;

/// Adds value i of a row to lane i modulo kLanes.
MOBIREG_CPU_CLONES
void add_to_lanes(const float* row, std::size_t n, float* __restrict lanes) {
  std::size_t at = 0;
  for (; at + kLanes <= n; at += kLanes) {
    for (std::size_t i = 0; i < kLanes; ++i) lanes[i] += row[at + i];
  }
  for (std::size_t i = 0; at + i < n; ++i) lanes[i] += row[at + i];
}

double mean_grey(const PixelView& image) {
  std::array<double, 3> sums{};
  for (int y = 0; y < image.size; ++y) {
    std::array<float, kLanes> lanes{};
    add_to_lanes(image.pixels + static_cast<std::size_t>(y) * image.row(), image.row(),
                 lanes.data());
    for (std::size_t i = 0; i < kLanes; ++i) sums[i % 3] += lanes[i];
  }
  const double pixels = static_cast<double>(image.size) * image.size;
  if (image.channels == 1) return (sums[0] + sums[1] + sums[2]) / pixels;
  return (kGrey[0] * sums[0] + kGrey[1] * sums[1] + kGrey[2] * sums[2]) / pixels;
}

/// factor x + (1 - factor) grey
Matrix saturation_matrix(double factor) {
  Matrix m{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      const double own = row == column ? factor : 0;
      m[3 * row + column] = static_cast<float>(own + (1 - factor) * kGrey[column]);
    }
  }
  return m;
}

Matrix hue_matrix(double degrees) {
  constexpr std::array<double, 3> kI{0.59590059, -0.27455667, -0.32134392};
  constexpr std::array<double, 3> kQ{0.21153661, -0.52273617, 0.31119955};
  constexpr std::array<double, 3> kOfI{0.95598634, -0.27201283, -1.10674021};
  constexpr std::array<double, 3> kOfQ{0.6208248, -0.64720424, 1.70423049};
  const double cosine = std::cos(degrees * kRadiansPerDegree);
  const double sine = std::sin(degrees * kRadiansPerDegree);
  Matrix m{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      // In the plane of I and Q, red is at 20 degrees and green at -118: the turn is clockwise.
      const double i = cosine * kI[column] + sine * kQ[column];
      const double q = cosine * kQ[column] - sine * kI[column];
      m[3 * row + column] = static_cast<float>(kGrey[column] + kOfI[row] * i + kOfQ[row] * q);
    }
  }
  return m;
}

void mix(const PixelView& image, const Matrix& matrix) {
  const auto size = static_cast<std::size_t>(image.size);
  mix_colours(size * size, matrix, image.pixels);
}

}  // namespace

void gamma_correction(const PixelView& image, double gamma) {
  scale_and_clip(image.count(), 1, 0, image.pixels);
  power(image.count(), static_cast<float>(gamma), image.pixels);
}

void change_contrast(const PixelView& image, double factor) {
  const double offset = (1 - factor) * mean_grey(image);
  scale_and_clip(image.count(), static_cast<float>(factor), static_cast<float>(offset),
                 image.pixels);
}

void turn_hue(const PixelView& image, double degrees) {
  if (image.channels == 1) return;
  mix(image, hue_matrix(degrees));
  scale_and_clip(image.count(), 1, 0, image.pixels);
}

void change_saturation(const PixelView& image, double factor) {
  if (image.channels == 1) return;
  mix(image, saturation_matrix(factor));
  scale_and_clip(image.count(), 1, 0, image.pixels);
}

void grayscale(const PixelView& image, double amount) {
  if (image.channels == 1) return;
  mix(image, saturation_matrix(1 - amount));
}

}  // namespace mobireg
