#include "augmentation/noise_operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "augmentation/noise.h"
#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

constexpr std::size_t kBlock = NoiseStream::kBlock;

MOBIREG_CPU_CLONES
void add_to_values(const float* noise, std::size_t n, float loc, float scale,
                   float* __restrict values) {
  for (std::size_t i = 0; i < n; ++i) values[i] += loc + scale * noise[i];
}

MOBIREG_CPU_CLONES
void add_to_rgb(const float* noise, std::size_t n, float loc, float scale,
                float* __restrict pixels) {
  for (std::size_t i = 0; i < n; ++i) {
    const float value = loc + scale * noise[i];
    pixels[3 * i] += value;
    pixels[3 * i + 1] += value;
    pixels[3 * i + 2] += value;
  }
}

/// A word's upper 30 bits, as the signed number that vector units compare.
inline float keep(std::uint32_t word, std::int32_t threshold, float value) {
  return static_cast<std::int32_t>(word >> 2) < threshold ? 0.0F : value;
}

MOBIREG_CPU_CLONES
void drop_values(const std::uint32_t* words, std::size_t n, std::int32_t threshold,
                 float* __restrict values) {
  for (std::size_t i = 0; i < n; ++i) values[i] = keep(words[i], threshold, values[i]);
}

MOBIREG_CPU_CLONES
void drop_rgb(const std::uint32_t* words, std::size_t n, std::int32_t threshold,
              float* __restrict pixels) {
  for (std::size_t i = 0; i < n; ++i) {
    pixels[3 * i] = keep(words[i], threshold, pixels[3 * i]);
    pixels[3 * i + 1] = keep(words[i], threshold, pixels[3 * i + 1]);
    pixels[3 * i + 2] = keep(words[i], threshold, pixels[3 * i + 2]);
  }
}

/// `block(first, n, channels)` for every block of the image: the values from `first` on take `n`
/// numbers, one for each `channels` values.
template <class Block>
void for_each_block(const PixelView& image, bool per_channel, Block block) {
  const std::size_t channels = per_channel ? 1 : static_cast<std::size_t>(image.channels);
  const std::size_t numbers = image.count() / channels;
  for (std::size_t at = 0; at < numbers; at += kBlock) {
    block(image.pixels + at * channels, std::min(kBlock, numbers - at), channels);
  }
}

}  // namespace

void add_gaussian_noise(const PixelView& image, double loc, double scale, bool per_channel,
                        Random& random) {
  NoiseStream stream(random);
  std::array<float, kBlock> noise{};
  for_each_block(image, per_channel, [&](float* first, std::size_t n, std::size_t channels) {
    stream.normals(noise.data());
    (channels == 3 ? add_to_rgb : add_to_values)(noise.data(), n, static_cast<float>(loc),
                                                 static_cast<float>(scale), first);
  });
}

void dropout(const PixelView& image, double p, bool per_channel, Random& random) {
  NoiseStream stream(random);
  std::array<std::uint32_t, kBlock> words{};
  const auto threshold = static_cast<std::int32_t>(std::lround(p * 0x1p30));
  for_each_block(image, per_channel, [&](float* first, std::size_t n, std::size_t channels) {
    stream.words(words.data());
    (channels == 3 ? drop_rgb : drop_values)(words.data(), n, threshold, first);
  });
}

bool erase_rectangle(const PixelView& image, double area, double aspect, Random& random) {
  const double side = image.size;
  const double height = std::round(side * std::sqrt(area * aspect));
  const double width = std::round(side * std::sqrt(area / aspect));
  if (height > side || width > side) return false;
  const auto rows = static_cast<std::size_t>(height);
  const auto columns = static_cast<std::size_t>(width);
  const auto size = static_cast<std::size_t>(image.size);
  const auto channels = static_cast<std::size_t>(image.channels);
  const std::size_t top = random.below(size - rows + 1);
  const std::size_t left = random.below(size - columns + 1);

  NoiseStream stream(random);
  const std::size_t row = columns * channels;
  std::vector<float> noise((rows * row + kBlock - 1) / kBlock * kBlock);
  for (std::size_t i = 0; i < noise.size(); i += kBlock) stream.uniforms(noise.data() + i);
  for (float& value : noise) value *= 255.0F;
  for (std::size_t y = 0; y < rows; ++y) {
    float* out = image.pixels + (top + y) * image.row() + left * channels;
    std::copy_n(noise.data() + y * row, row, out);
  }
  return true;
}

}  // namespace mobireg
