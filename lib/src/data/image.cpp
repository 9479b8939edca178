#include "mobireg/data/image.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/fail.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

constexpr std::uint64_t kMaxPixels = 64'000'000;

int interpolation_flag(Interpolation interpolation, bool shrinks) {
  switch (interpolation) {
    case Interpolation::kNearest:
      return cv::INTER_NEAREST_EXACT;  // Pillow's pixel centres
    case Interpolation::kBilinear:
      return cv::INTER_LINEAR;
    case Interpolation::kArea:
      return shrinks ? cv::INTER_AREA : cv::INTER_LINEAR;
  }
  return cv::INTER_NEAREST_EXACT;
}

cv::Mat decode(const std::filesystem::path& path, ColorMode mode) {
  const std::string bytes = read_file(path);
  if (bytes.empty()) fail("{}: the image file is empty", path.string());
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1,
                       const_cast<char*>(bytes.data()));  // only read
  const int flags = (mode == ColorMode::kRgb ? cv::IMREAD_COLOR : cv::IMREAD_GRAYSCALE) |
                    cv::IMREAD_IGNORE_ORIENTATION;
  cv::Mat decoded;
  try {
    decoded = cv::imdecode(buffer, flags);
  } catch (const cv::Exception& error) {
    fail("{}: the image cannot be decoded ({})", path.string(), error.err);
  }
  if (decoded.empty()) fail("{}: the image cannot be decoded", path.string());
  if (decoded.total() > kMaxPixels) {
    fail("{}: the image has {}x{} pixels; at most {} million are read", path.string(), decoded.cols,
         decoded.rows, kMaxPixels / 1'000'000);
  }
  return decoded;
}

}  // namespace

Image read_image(const std::filesystem::path& path, const InputConfig& input) {
  cv::Mat decoded = decode(path, input.color_mode);
  if (input.color_mode == ColorMode::kRgb) cv::cvtColor(decoded, decoded, cv::COLOR_BGR2RGB);
  cv::Mat resized;
  const bool shrinks = decoded.cols > input.size && decoded.rows > input.size;
  if (decoded.cols == input.size && decoded.rows == input.size) {
    resized = decoded;
  } else {
    cv::resize(decoded, resized, {input.size, input.size}, 0, 0,
               interpolation_flag(input.interpolation, shrinks));
  }
  Image image{input.size, input.size, input.channels(), {}};
  image.pixels.assign(resized.datastart, resized.dataend);
  return image;
}

}  // namespace mobireg
