#include "predict/video_file.h"

#include <unistd.h>

#include "core/fail.h"
#include "deploy/quiet_opencv.h"

namespace mobireg {
namespace {

int codec_of(const std::filesystem::path& file) {
  return file.extension() == ".avi" ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G')
                                    : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
}

/// With the same suffix, which says what is written.
std::filesystem::path unfinished(const std::filesystem::path& path) {
  return path.parent_path() /
         fmt::format(".{}.tmp-{}{}", path.stem().string(), ::getpid(), path.extension().string());
}

/// OpenCV does not say when writing fails.
bool holds(const std::filesystem::path& file, std::int64_t frames) {
  const QuietOpenCv quiet;
  cv::VideoCapture video(file.string());
  // Some formats tell their length in seconds, from which OpenCV computes the frames.
  return video.isOpened() && video.get(cv::CAP_PROP_FRAME_COUNT) >= static_cast<double>(frames) - 1;
}

}  // namespace

VideoFile::VideoFile(const std::filesystem::path& path, double rate, const cv::Size& size)
    : path_(path), unfinished_(unfinished(path)), size_(size) {
  const QuietOpenCv quiet;
  if (!writer_.open(unfinished_.string(), codec_of(path), rate, size)) {
    std::error_code ignored;
    std::filesystem::remove(unfinished_, ignored);
    fail("{}: the video cannot be written; is there such a folder, and a codec for it?",
         path.string());
  }
}

VideoFile::~VideoFile() {
  writer_.release();
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void VideoFile::add(const cv::Mat& picture) {
  if (picture.size() != size_) {
    fail("{}: a video of {} x {} pixels, and a picture of {} x {}; draw into a folder instead",
         path_.string(), size_.width, size_.height, picture.cols, picture.rows);
  }
  writer_.write(picture);
  ++frames_;
}

void VideoFile::finish() {
  writer_.release();
  if (!holds(unfinished_, frames_)) {
    fail("{}: the video could not be written to its end; is the disk full?", path_.string());
  }
  std::error_code error;
  std::filesystem::rename(unfinished_, path_, error);
  if (error) fail("{}: cannot be written: {}", path_.string(), error.message());
}

}  // namespace mobireg
