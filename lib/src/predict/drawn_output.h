#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "predict/picture_source.h"

namespace mobireg {

class VideoFile;

/// Where drawn pictures go: a folder with a .png for each image and a .mp4 for each video or
/// camera, or one video of all. Each file has its name only once it is whole. Throws Error when
/// something cannot be written.
class DrawnOutput {
 public:
  /// Makes the folder. Throws Error where a file is there already, unless `overwrite`, or is one of
  /// the inputs.
  DrawnOutput(const std::filesystem::path& path, const std::vector<PredictInput>& inputs,
              bool overwrite);
  ~DrawnOutput();

  /// input: its place among the inputs.
  void add_image(std::size_t input, const cv::Mat& picture);

  /// The next frame of a video or camera; all of them at one rate.
  void add_frame(std::size_t input, const cv::Mat& picture, double frames_per_second);

  /// After an input's last frame.
  void end_input();

  /// Finishes what is open.
  void close();

 private:
  void write_frame(const std::filesystem::path& file, const cv::Mat& picture, double rate);

  bool one_video_;
  std::vector<std::filesystem::path> files_;  // of each input; of one video, the only one
  std::unique_ptr<VideoFile> video_;
};

}  // namespace mobireg
