#include "image/orientation.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mobireg {
namespace {

template <int kChannels>
void copy_turned(const Image& image, int orientation, Image& upright) {
  // EXIF numbers the eight by which edges of the scene the first stored row and column are.
  const bool swapped = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::ptrdiff_t row = std::ptrdiff_t{image.width} * kChannels;
  const std::ptrdiff_t right = from_right ? -kChannels : kChannels;
  const std::ptrdiff_t down = from_below ? -row : row;
  const std::uint8_t* first = image.pixels.data() + (from_right ? row - kChannels : 0) +
                              (from_below ? row * (image.height - 1) : 0);
  std::uint8_t* out = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y) {
    const std::uint8_t* pixel = first + (swapped ? right : down) * y;
    for (int x = 0; x < upright.width; ++x, out += kChannels, pixel += swapped ? down : right) {
      std::copy_n(pixel, kChannels, out);
    }
  }
}

}  // namespace

Image turn_upright(Image image, int orientation) {
  if (orientation == 1) return image;
  Image upright{image.height, image.width, image.channels, {}};
  if (orientation >= 5) std::swap(upright.height, upright.width);
  upright.pixels.resize(image.pixels.size());
  if (image.channels == 1) {
    copy_turned<1>(image, orientation, upright);
  } else {
    copy_turned<3>(image, orientation, upright);
  }
  return upright;
}

}  // namespace mobireg
