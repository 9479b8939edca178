#include "image/image_resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

Image make_image(int size, int channels) {
  Image image{size, size, channels, {}};
  image.pixels.resize(image.view().size());
  return image;
}

/// A source pixel within the image; what lies outside repeats the border.
int inside(double position, int source) {
  return static_cast<int>(std::clamp(std::floor(position), 0.0, static_cast<double>(source - 1)));
}

/// The source pixel at every target pixel's centre, `begin` and `extent` being the part that is
/// shown. Centres are summed up in double as Pillow does.
std::vector<int> nearest_positions(double begin, double extent, int source, int target) {
  const double step = extent / target;
  std::vector<int> positions;
  positions.reserve(static_cast<std::size_t>(target));
  double centre = begin + step * 0.5;
  for (int i = 0; i < target; ++i, centre += step) positions.push_back(inside(centre, source));
  return positions;
}

template <int kChannels>
void copy_nearest(const ImageView& image, const std::vector<int>& rows,
                  const std::vector<int>& columns, std::uint8_t* out) {
  for (const int y : rows) {
    const std::uint8_t* row = image.pixels + std::ptrdiff_t{y} * image.width * kChannels;
    for (const int x : columns) {
      out = std::copy_n(row + std::ptrdiff_t{x} * kChannels, kChannels, out);
    }
  }
}

/// OpenCV's INTER_NEAREST_EXACT takes the other neighbour where a centre is at an edge.
Image sample_nearest(const ImageView& image, const std::vector<int>& rows,
                     const std::vector<int>& columns) {
  Image result = make_image(static_cast<int>(rows.size()), image.channels);
  if (image.channels == 1) {
    copy_nearest<1>(image, rows, columns, result.pixels.data());
  } else {
    copy_nearest<3>(image, rows, columns, result.pixels.data());
  }
  return result;
}

/// Which source pixels make a target pixel along one axis, and by how much: `taps` a target pixel.
struct Filter {
  int taps = 2;
  std::vector<int> index;
  std::vector<float> weight;
};

/// Linear interpolation between the two pixels next to each target pixel's centre.
Filter linear_filter(double begin, double extent, int source, int target) {
  Filter filter;
  for (int i = 0; i < target; ++i) {
    const double position = begin + (i + 0.5) * extent / target - 0.5;
    const double part = position - std::floor(position);
    filter.index.insert(filter.index.end(),
                        {inside(position, source), inside(position + 1, source)});
    filter.weight.insert(filter.weight.end(),
                         {static_cast<float>(1 - part), static_cast<float>(part)});
  }
  return filter;
}

/// The mean over each target pixel's area: source pixels count by how much of them lies in it.
Filter area_filter(double begin, double extent, int source, int target) {
  const double step = extent / target;
  Filter filter;
  filter.taps = static_cast<int>(std::ceil(step)) + 1;
  for (int i = 0; i < target; ++i) {
    const double low = begin + i * step;
    const double high = low + step;
    for (int tap = 0; tap < filter.taps; ++tap) {
      const double pixel = std::floor(low) + tap;
      const double covered = std::min(high, pixel + 1) - std::max(low, pixel);
      filter.index.push_back(inside(pixel, source));
      filter.weight.push_back(static_cast<float>(std::max(covered, 0.0) / step));
    }
  }
  return filter;
}

MOBIREG_CPU_CLONES
void add_weighted(const std::uint8_t* row, float weight, int count, float* sum) {
  for (int i = 0; i < count; ++i) sum[i] += weight * static_cast<float>(row[i]);
}

/// One row of the result from a row of sums over source rows, which begins at source column
/// `first`.
template <int kChannels>
void filter_row(const std::vector<float>& sums, const Filter& across, int first,
                std::uint8_t* out) {
  const auto taps = static_cast<std::size_t>(across.taps);
  for (std::size_t x = 0; x < across.index.size(); x += taps) {
    std::array<float, kChannels> sum{};
    for (std::size_t tap = x; tap < x + taps; ++tap) {
      const float* source = sums.data() + std::ptrdiff_t{across.index[tap] - first} * kChannels;
      for (std::size_t c = 0; c < kChannels; ++c) sum[c] += across.weight[tap] * source[c];
    }
    for (const float value : sum) {
      *out++ = static_cast<std::uint8_t>(std::min(value + 0.5F, 255.0F));
    }
  }
}

Image apply_filters(const ImageView& image, const Filter& down, const Filter& across, int size) {
  Image result = make_image(size, image.channels);
  const auto [low, high] = std::minmax_element(across.index.begin(), across.index.end());
  const int first = *low;
  const int count = (*high - first + 1) * image.channels;
  std::vector<float> sums(static_cast<std::size_t>(count));
  std::uint8_t* out = result.pixels.data();
  for (int y = 0; y < size; ++y, out += std::ptrdiff_t{size} * image.channels) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (int tap = 0; tap < down.taps; ++tap) {
      const auto i = static_cast<std::size_t>(y * down.taps + tap);
      if (down.weight[i] == 0) continue;
      const std::ptrdiff_t at = (std::ptrdiff_t{down.index[i]} * image.width + first);
      add_weighted(image.pixels + at * image.channels, down.weight[i], count, sums.data());
    }
    if (image.channels == 1) {
      filter_row<1>(sums, across, first, out);
    } else {
      filter_row<3>(sums, across, first, out);
    }
  }
  return result;
}

bool is_whole(const ImageView& image, const CropSquare& square) {
  return square.left == 0 && square.top == 0 && square.side == image.width &&
         square.side == image.height;
}

}  // namespace

Image resize_image(const ImageView& image, int size, Interpolation interpolation) {
  if (image.width == size && image.height == size) {
    return {size, size, image.channels, {image.pixels, image.pixels + image.size()}};
  }
  if (interpolation == Interpolation::kNearest) {
    return sample_nearest(image, nearest_positions(0, image.height, image.height, size),
                          nearest_positions(0, image.width, image.width, size));
  }
  Image result = make_image(size, image.channels);
  const int type = CV_8UC(image.channels);
  const cv::Mat source(image.height, image.width, type,
                       const_cast<std::uint8_t*>(image.pixels));  // only read
  cv::Mat target(size, size, type, result.pixels.data());
  const bool shrinks = image.width > size && image.height > size;
  const bool area = interpolation == Interpolation::kArea && shrinks;
  cv::resize(source, target, target.size(), 0, 0, area ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

Image crop_image(const ImageView& image, const CropSquare& square, int size,
                 Interpolation interpolation) {
  if (is_whole(image, square)) return resize_image(image, size, interpolation);
  if (interpolation == Interpolation::kNearest) {
    return sample_nearest(image, nearest_positions(square.top, square.side, image.height, size),
                          nearest_positions(square.left, square.side, image.width, size));
  }
  const bool area = interpolation == Interpolation::kArea && square.side > size;
  const auto make_filter = area ? area_filter : linear_filter;
  return apply_filters(image, make_filter(square.top, square.side, image.height, size),
                       make_filter(square.left, square.side, image.width, size), size);
}

}  // namespace mobireg
