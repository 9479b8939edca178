#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernel_test.h"

namespace mobireg {

using Doubles = std::vector<double>;

struct Case {
  DepthwiseShape shape;
  std::int64_t images;

  std::int64_t x_pixels() const { return images * shape.height * shape.width; }
  std::int64_t z_pixels() const { return x_pixels() / (shape.stride * shape.stride); }
};

inline Case make_case(std::int64_t channels, std::int64_t height, std::int64_t width, int stride,
                      std::int64_t images) {
  Case c;
  c.shape.channels = channels;
  c.shape.height = height;
  c.shape.width = width;
  c.shape.stride = stride;
  c.images = images;
  return c;
}

// Channels below, at and above the vector widths and a cache line, odd ones too; images of one row
// or column; rows that are not a multiple of the pixels made together; images that are taken
// several at a time, with some left over, and such that are taken some rows at a time.
inline std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t channels : {1, 3, 8, 9, 16, 19, 24, 32, 40, 63}) {
    all.push_back(make_case(channels, 5, 7, 1, 3));
    all.push_back(make_case(channels, 6, 10, 2, 3));
  }
  for (std::int64_t size = 1; size <= 12; ++size) {
    all.push_back(make_case(17, size, 13 - size, 1, 2));
    all.push_back(make_case(17, 2 * size, 26 - 2 * size, 2, 2));
  }
  for (const int stride : {1, 2}) {
    all.push_back(make_case(512, 4, 4, stride, 9));
    all.push_back(make_case(1024, 2, 2, stride, 17));
    all.push_back(make_case(4100, 2, 2, stride, 6));
    all.push_back(make_case(72, 32, 32, stride, 2));
    all.push_back(make_case(200, 6, 500, stride, 1));
    all.push_back(make_case(16, 48, 64, stride, 3));
  }
  return all;
}

/// Calls body(pixel of x, kernel's index, pixel of z) for all products of a channel.
template <class Body>
void for_taps(const Case& c, Body&& body) {
  const DepthwiseShape& s = c.shape;
  const std::int64_t padding = s.stride == 1 ? 1 : 0;
  const std::int64_t z_height = s.height / s.stride;
  const std::int64_t z_width = s.width / s.stride;
  for (std::int64_t pixel = 0; pixel < c.z_pixels(); ++pixel) {
    const std::int64_t image = pixel / (z_height * z_width);
    const std::int64_t top = pixel / z_width % z_height * s.stride - padding;
    const std::int64_t left = pixel % z_width * s.stride - padding;
    for (std::int64_t k = 0; k < 9; ++k) {
      const std::int64_t row = top + k / 3;
      const std::int64_t column = left + k % 3;
      if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
      body((image * s.height + row) * s.width + column, k, pixel);
    }
  }
}

struct Inputs {
  explicit Inputs(const Case& c, bool activation = true)
      : activated(activation),
        channels(c.shape.channels),
        x(c.x_pixels() * channels),
        scale(channels),
        offset(channels),
        weight(9 * channels) {
    x.fill(1, -2, 4);
    scale.fill(2, -2, 3);
    offset.fill(3, -1, 3);
    weight.fill(4, -1, 1);
  }

  Activation activation() const {
    return activated ? Activation{scale.data(), offset.data()} : Activation{};
  }

  /// x * scale + offset, rounded as in float: so it is clear on which side of a limit it is.
  float before_relu6(std::int64_t i) const {
    return std::fma(x[i], scale[i % channels], offset[i % channels]);
  }

  Doubles y() const {
    Doubles values;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      values.push_back(activated ? std::clamp(before_relu6(i), 0.0F, 6.0F) : x[i]);
    }
    return values;
  }

  bool activated;
  std::int64_t channels;
  Guarded x, scale, offset, weight;
};

/// Sums of many floats: to within their rounding, measured against the sum of their sizes.
struct CheckedSums {
  explicit CheckedSums(std::int64_t channels) : sum(channels), size(channels) {}

  void add(std::int64_t channel, double value) {
    sum[channel] += value;
    size[channel] += std::abs(value);
  }

  double error(const Guarded& found) const {
    double worst = 0;
    for (std::int64_t i = 0; i < found.size(); ++i) {
      const double apart = std::abs(found[i] - sum[i]) / (size[i] + 1e-30);
      if (std::isnan(apart)) return apart;
      worst = std::max(worst, apart);
    }
    return worst;
  }

  Doubles sum, size;
};

}  // namespace mobireg
