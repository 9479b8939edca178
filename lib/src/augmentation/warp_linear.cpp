#include "augmentation/warp_linear.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "augmentation/border.h"
#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

/// Output pixels that are worked on at once.
constexpr int kBlock = 128;

/// A pixel and its right neighbour are read at once.
constexpr int kRead = 8;

struct Source {
  const std::uint8_t* pixels;
  int width;
  int height;
  int channels;
  int row;        // bytes from a pixel to the one below, 0 in an image of one row
  int last_read;  // byte
};

/// Where a block of output pixels lies in the source: the byte of the upper left of four
/// neighbours, and the weights of the right and the lower ones.
struct Places {
  std::array<std::int32_t, kBlock> byte;
  std::array<float, kBlock> right;
  std::array<float, kBlock> below;
  std::array<float, kBlock> distance;  // from the image, pixels; `kConstant` only
};

/// A line of output pixels: pixel i is at (x + i step_x, y + i step_y) in the source.
struct Line {
  double x, step_x;
  double y, step_y;
};

template <FillMode mode>
inline double inside(double at, double last) {
  if constexpr (mode == FillMode::kReflect) at = border::reflected(at, last);
  if constexpr (mode == FillMode::kWrap) at = border::wrapped(at, last);
  return border::clamped(at, last);
}

template <FillMode mode>
[[gnu::always_inline]] inline void find_places_in(const Source& source, const Line& line, int n,
                                                  Places& places) {
  const double last_x = source.width - 1;
  const double last_y = source.height - 1;
  // The last pixel is the right or lower one of its neighbours, with weight 1.
  const int max_left = std::max(source.width - 2, 0);
  const int max_top = std::max(source.height - 2, 0);
  const int width = source.width;
  const int channels = source.channels;
  for (int i = 0; i < n; ++i) {
    const double at_x = line.x + i * line.step_x;
    const double at_y = line.y + i * line.step_y;
    const double x = inside<mode>(at_x, last_x);
    const double y = inside<mode>(at_y, last_y);
    const int left = std::min(static_cast<int>(x), max_left);
    const int top = std::min(static_cast<int>(y), max_top);
    places.byte[i] = (top * width + left) * channels;
    places.right[i] = static_cast<float>(x - left);
    places.below[i] = static_cast<float>(y - top);
    if constexpr (mode == FillMode::kConstant) {
      places.distance[i] = static_cast<float>(std::abs(at_x - x) + std::abs(at_y - y));
    }
  }
}

MOBIREG_CPU_CLONES
void find_places(const Source& source, const Line& line, int n, FillMode mode, Places& places) {
  switch (mode) {
    case FillMode::kNearest:
      return find_places_in<FillMode::kNearest>(source, line, n, places);
    case FillMode::kConstant:
      return find_places_in<FillMode::kConstant>(source, line, n, places);
    case FillMode::kReflect:
      return find_places_in<FillMode::kReflect>(source, line, n, places);
    case FillMode::kWrap:
      return find_places_in<FillMode::kWrap>(source, line, n, places);
  }
}

/// The bytes from `at` on, without reading beyond the image.
inline std::uint64_t read(const std::uint8_t* pixels, int at, int last_read) {
  const int from = at < last_read ? at : last_read;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, pixels + from, sizeof bytes);
  return bytes >> (8 * (at - from));
}

/// For each place the upper two neighbours and the lower two, as bytes.
struct Neighbours {
  std::array<std::uint64_t, kBlock> upper;
  std::array<std::uint64_t, kBlock> lower;
};

MOBIREG_CPU_CLONES
void read_neighbours(const Source& source, const Places& places, int n, Neighbours& neighbours) {
  for (int i = 0; i < n; ++i) {
    const int at = places.byte[i];
    neighbours.upper[i] = read(source.pixels, at, source.last_read);
    neighbours.lower[i] = read(source.pixels, at + source.row, source.last_read);
  }
}

inline float value(std::uint64_t bytes, int i) {
  return static_cast<float>(static_cast<std::int32_t>(bytes >> (8 * i) & 255));
}

template <int channels>
[[gnu::always_inline]] inline void mix_in(const Places& places, const Neighbours& neighbours, int n,
                                          float* __restrict out) {
  for (int i = 0; i < n; ++i) {
    for (int c = 0; c < channels; ++c) {
      const float upper = value(neighbours.upper[i], c);
      const float lower = value(neighbours.lower[i], c);
      const float right = places.right[i];
      const float up = upper + right * (value(neighbours.upper[i], c + channels) - upper);
      const float low = lower + right * (value(neighbours.lower[i], c + channels) - lower);
      out[channels * i + c] = up + places.below[i] * (low - up);
    }
  }
}

MOBIREG_CPU_CLONES
void mix_rgb(const Places& places, const Neighbours& neighbours, int n, float* out) {
  mix_in<3>(places, neighbours, n, out);
}

MOBIREG_CPU_CLONES
void mix_grey(const Places& places, const Neighbours& neighbours, int n, float* out) {
  mix_in<1>(places, neighbours, n, out);
}

void warp_source(const Source& source, const Affine& m, int size, const WarpOptions& options,
                 float* out) {
  Places places;
  Neighbours neighbours;
  const auto mix = source.channels == 3 ? mix_rgb : mix_grey;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; x += kBlock) {
      const int n = std::min(kBlock, size - x);
      const Line line{m.x(x, y), m.xx, m.y(x, y), m.yx};
      find_places(source, line, n, options.fill_mode, places);
      read_neighbours(source, places, n, neighbours);
      mix(places, neighbours, n, out);
      for (int i = 0; options.fill_mode == FillMode::kConstant && i < n; ++i) {
        if (places.distance[i] > kBorderRounding) {
          std::fill_n(out + i * source.channels, source.channels, options.cval);
        }
      }
      out += n * source.channels;
    }
  }
}

}  // namespace

void warp_linear(const ImageView& image, const Affine& to_source, int size,
                 const WarpOptions& options, float* out) {
  const auto bytes = static_cast<int>(image.size());
  Source source{image.pixels,
                image.width,
                image.height,
                image.channels,
                image.height > 1 ? image.width * image.channels : 0,
                std::max(bytes - kRead, 0)};
  std::array<std::uint8_t, kRead> small{};
  if (bytes < kRead) {
    std::copy_n(image.pixels, bytes, small.begin());
    source.pixels = small.data();
  }
  warp_source(source, to_source, size, options, out);
}

}  // namespace mobireg
