#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <set>
#include <string>

#include "predict/picture_source.h"

namespace mobireg {

/// Where drawn pictures go: a folder with a .png for each image and a .mp4 for each video, or one
/// video of all. Throws Error when something cannot be written.
class DrawnOutput {
 public:
  /// Makes the folder.
  explicit DrawnOutput(const std::filesystem::path& path);
  ~DrawnOutput();

  void add_image(const PredictInput& input, const cv::Mat& picture);

  /// The next frame of a video or camera; all of them at one rate.
  void add_frame(const PredictInput& input, const cv::Mat& picture, double frames_per_second);

  /// After an input's last frame.
  void end_input();

  /// Finishes what is open.
  void close();

 private:
  struct Video;
  std::filesystem::path new_file(const PredictInput& input, const char* extension);
  void write_frame(const std::filesystem::path& file, const cv::Mat& picture, double rate);

  std::filesystem::path path_;
  bool one_video_;
  std::set<std::string> taken_;  // names in the folder
  std::filesystem::path file_;   // of the video in hand
  std::unique_ptr<Video> video_;
};

}  // namespace mobireg
