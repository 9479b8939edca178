#include "inspect/image_signature.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace mobireg {
namespace {

constexpr int kHashSide = 32;
constexpr int kPatchSide = 16;
constexpr int kFrequencies = 8;  // a side; one more replaces the mean
constexpr float kFlat = 0.5F;    // standard deviation, of 0 to 255: less is nothing but rounding

cv::Mat1f grey_of(const ImageView& image) {
  // OpenCV takes no pointer to const, and does not write here.
  const cv::Mat pixels(image.height, image.width, CV_8UC(image.channels),
                       const_cast<std::uint8_t*>(image.pixels));
  cv::Mat grey;
  if (image.channels == 3) cv::cvtColor(pixels, grey, cv::COLOR_RGB2GRAY);
  cv::Mat1f result;
  (image.channels == 3 ? grey : pixels).convertTo(result, CV_32F);
  return result;
}

cv::Mat1f shrunk(const cv::Mat1f& grey, int side) {
  cv::Mat1f result;
  cv::resize(grey, result, {side, side}, 0, 0, cv::INTER_AREA);
  return result;
}

/// Mirroring an image left to right negates its odd horizontal frequencies.
std::uint64_t hash_of(const cv::Mat1f& transform, bool mirrored) {
  std::array<float, 64> coefficients{};
  std::size_t count = 0;
  const auto add = [&](int row, int column) {
    const float value = transform(row, column);
    coefficients[count++] = mirrored && column % 2 == 1 ? -value : value;
  };
  for (int row = 0; row < kFrequencies; ++row) {
    for (int column = 0; column < kFrequencies; ++column) {
      if (row + column > 0) add(row, column);
    }
  }
  add(kFrequencies, 0);
  std::array<float, 64> sorted = coefficients;
  std::nth_element(sorted.begin(), sorted.begin() + 32, sorted.end());
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    hash |= std::uint64_t{coefficients[i] >= sorted[32]} << i;
  }
  return hash;
}

/// Whether there was anything to keep.
bool fill_patch(const cv::Mat1f& grey, ImageSignature::Patch& patch) {
  cv::Mat1f values = shrunk(grey, kPatchSide);
  cv::Scalar mean, deviation;
  cv::meanStdDev(values, mean, deviation);
  if (deviation[0] < kFlat) return false;
  values -= mean[0];
  const double largest = cv::norm(values, cv::NORM_INF);
  std::transform(values.begin(), values.end(), patch.begin(), [&](float value) {
    return static_cast<std::int8_t>(std::lround(127 * value / largest));
  });
  return true;
}

Sha256Digest digest_of(const ImageView& image) {
  Sha256 sha;
  const std::array<std::int32_t, 3> sides{image.height, image.width, image.channels};
  sha.update(sides.data(), sizeof sides);
  sha.update(image.pixels, image.size());
  return sha.digest();
}

template <class PositionInB>
double correlate(const ImageSignature& a, const ImageSignature& b, const PositionInB& position) {
  std::int32_t ab = 0, aa = 0, bb = 0;
  for (int i = 0; i < kPatchSide * kPatchSide; ++i) {
    const std::int32_t left = a.patch[static_cast<std::size_t>(i)];
    const std::int32_t right = b.patch[static_cast<std::size_t>(position(i))];
    ab += left * right;
    aa += left * left;
    bb += right * right;
  }
  if (aa == 0 || bb == 0) return 0;
  return ab / std::sqrt(static_cast<double>(aa) * bb);
}

}  // namespace

ImageSignature signature_of(const ImageView& image) {
  const cv::Mat1f grey = grey_of(image);
  cv::Mat1f transform;
  cv::dct(shrunk(grey, kHashSide), transform);
  ImageSignature signature;
  signature.digest = digest_of(image);
  signature.hash = hash_of(transform, false);
  signature.mirrored_hash = hash_of(transform, true);
  signature.is_flat = !fill_patch(grey, signature.patch);
  return signature;
}

double correlation(const ImageSignature& a, const ImageSignature& b) {
  return correlate(a, b, [](int i) { return i; });
}

double mirrored_correlation(const ImageSignature& a, const ImageSignature& b) {
  return correlate(a, b, [](int i) { return i ^ (kPatchSide - 1); });
}

}  // namespace mobireg
