#include "mobireg/data/image.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/fail.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

constexpr std::uint64_t kMaxPixels = 64'000'000;

/// Whether a JPEG's segments go on to the end marker; OpenCV invents what is missing.
bool is_truncated_jpeg(const std::string& bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.compare(0, 2, "\xFF\xD8") != 0) return false;
  std::size_t at = bytes.find('\xFF', 2);
  while (at != std::string::npos && at + 1 < bytes.size()) {
    const int marker = byte(at + 1);
    if (marker == 0xD9) return false;
    const bool has_no_length = marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    if (marker == 0xFF) {
      at += 1;
    } else if (has_no_length) {
      at += 2;
    } else if (at + 3 < bytes.size()) {
      at += 2 + std::size_t{byte(at + 2)} * 256 + byte(at + 3);
    } else {
      break;
    }
    at = bytes.find('\xFF', at);
  }
  return true;
}

cv::Mat decode(const std::filesystem::path& path, ColorMode mode) {
  const std::string bytes = read_file(path);
  if (bytes.empty()) fail("{}: the image file is empty", path.string());
  if (is_truncated_jpeg(bytes)) fail("{}: the JPEG file ends too early", path.string());
  const int flags = (mode == ColorMode::kRgb ? cv::IMREAD_COLOR : cv::IMREAD_GRAYSCALE) |
                    cv::IMREAD_IGNORE_ORIENTATION;
  cv::Mat decoded;
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1,
                         const_cast<char*>(bytes.data()));  // only read
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

/// The source position of every target pixel's centre, summed up in double as Pillow does.
std::vector<int> nearest_positions(int source, int target) {
  const double step = static_cast<double>(source) / target;
  std::vector<int> positions;
  double centre = step * 0.5;
  for (int i = 0; i < target; ++i, centre += step) {
    positions.push_back(std::min(static_cast<int>(centre), source - 1));
  }
  return positions;
}

/// Pillow's; OpenCV's INTER_NEAREST_EXACT takes the other neighbour where a centre is at an edge.
cv::Mat resize_nearest(const cv::Mat& source, int size) {
  const std::vector<int> rows = nearest_positions(source.rows, size);
  const std::vector<int> columns = nearest_positions(source.cols, size);
  const std::size_t bytes = source.elemSize();
  cv::Mat result(size, size, source.type());
  for (int y = 0; y < size; ++y) {
    const uchar* row = source.ptr(rows[static_cast<std::size_t>(y)]);
    uchar* out = result.ptr(y);
    for (const int x : columns) {
      out = std::copy_n(row + bytes * static_cast<std::size_t>(x), bytes, out);
    }
  }
  return result;
}

cv::Mat resize(const cv::Mat& source, int size, Interpolation interpolation) {
  if (source.cols == size && source.rows == size) return source;
  if (interpolation == Interpolation::kNearest) return resize_nearest(source, size);
  const bool shrinks = source.cols > size && source.rows > size;
  const bool area = interpolation == Interpolation::kArea && shrinks;
  cv::Mat result;
  cv::resize(source, result, {size, size}, 0, 0, area ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

}  // namespace

Image read_image(const std::filesystem::path& path, const InputConfig& input) {
  cv::Mat decoded = decode(path, input.color_mode);
  if (input.color_mode == ColorMode::kRgb) cv::cvtColor(decoded, decoded, cv::COLOR_BGR2RGB);
  const cv::Mat resized = resize(decoded, input.size, input.interpolation);
  Image image{input.size, input.size, input.channels(), {}};
  image.pixels.assign(resized.datastart, resized.dataend);
  return image;
}

}  // namespace mobireg
