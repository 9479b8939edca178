#pragma once

#include <filesystem>
#include <opencv2/videoio.hpp>

namespace mobireg {

/// A video in the making. It lies under a hidden name beside where it belongs until `finish`, and
/// is removed when it does not come to that.
class VideoFile {
 public:
  /// rate: frames a second. Throws Error when there is no such folder, or no codec for the suffix.
  VideoFile(const std::filesystem::path& path, double rate, const cv::Size& size);
  ~VideoFile();
  VideoFile(const VideoFile&) = delete;
  VideoFile& operator=(const VideoFile&) = delete;

  /// Throws Error for a picture of another size.
  void add(const cv::Mat& picture);

  /// Gives the file its name. Throws Error when it does not hold all frames, as on a full disk, or
  /// cannot have the name.
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path unfinished_;
  cv::VideoWriter writer_;
  cv::Size size_;
  std::int64_t frames_ = 0;
};

}  // namespace mobireg
