#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

enum class InputKind { kImage, kVideo, kCamera };

/// One image file, video file or camera.
struct PredictInput {
  InputKind kind = InputKind::kImage;
  std::string name;  // as results name it
  std::filesystem::path path;
  int camera = 0;
};

/// What the arguments name, in their order: folders become their image files, sorted; a file is a
/// video by its extension; "camera:N" is a camera. Nothing is opened but folders. Throws Error when
/// a folder cannot be read or has no image, or a camera has no number.
std::vector<PredictInput> find_inputs(const std::vector<std::string>& names, bool recursive);

/// .mp4, .avi, .mkv, ...
bool is_video_file(const std::filesystem::path& path);

/// An image, or a frame of a video or camera.
struct Picture {
  cv::Mat image;           // 8-bit BGR, upright
  std::string file_bytes;  // of an image file; empty for frames
  std::int64_t frame = 0;
  double seconds = 0;  // since the first frame
};

/// Throws Error naming the file when it cannot be read.
Picture read_picture(const PredictInput& input, bool exif_orientation);

/// The frames of a video or a camera. Throws Error naming it when it cannot be opened or has none.
class FrameReader {
 public:
  explicit FrameReader(const PredictInput& input);
  ~FrameReader();

  /// False at the end.
  bool next(Picture& picture);

  double frames_per_second() const;

 private:
  struct Capture;
  std::unique_ptr<Capture> capture_;
};

}  // namespace mobireg
