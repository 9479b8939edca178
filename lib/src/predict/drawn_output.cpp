#include "predict/drawn_output.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "core/fail.h"
#include "deploy/quiet_opencv.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

constexpr double kStillsRate = 2;  // images a second in a video of them

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail("{}: the folder cannot be made: {}", path.string(), error.message());
}

std::string stem_of(const PredictInput& input) {
  if (input.kind == InputKind::kCamera) return "camera" + std::to_string(input.camera);
  return input.path.stem().string();
}

int codec_of(const std::filesystem::path& file) {
  return file.extension() == ".avi" ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G')
                                    : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
}

}  // namespace

struct DrawnOutput::Video {
  cv::VideoWriter writer;
  cv::Size size;
};

DrawnOutput::DrawnOutput(const std::filesystem::path& path)
    : path_(path), one_video_(is_video_file(path)) {
  if (!one_video_) make_folder(path);
}

DrawnOutput::~DrawnOutput() = default;

std::filesystem::path DrawnOutput::new_file(const PredictInput& input, const char* extension) {
  const std::string stem = stem_of(input);
  std::string name = stem + extension;
  for (int i = 2; !taken_.insert(name).second; ++i) {
    name = fmt::format("{}_{}{}", stem, i, extension);
  }
  return path_ / name;
}

void DrawnOutput::write_frame(const std::filesystem::path& file, const cv::Mat& picture,
                              double rate) {
  if (!video_) {
    const QuietOpenCv quiet;
    video_ = std::make_unique<Video>();
    video_->size = picture.size();
    if (!video_->writer.open(file.string(), codec_of(file), rate, picture.size())) {
      fail("{}: the video cannot be written; is there such a folder, and a codec for it?",
           file.string());
    }
  }
  if (video_->size != picture.size()) {
    fail("{}: a video of {} x {} pixels, and a picture of {} x {}; draw into a folder instead",
         file.string(), video_->size.width, video_->size.height, picture.cols, picture.rows);
  }
  video_->writer.write(picture);
}

void DrawnOutput::add_image(const PredictInput& input, const cv::Mat& picture) {
  if (one_video_) return write_frame(path_, picture, kStillsRate);
  const auto file = new_file(input, ".png");
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", picture, bytes);
  write_file_atomically(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void DrawnOutput::add_frame(const PredictInput& input, const cv::Mat& picture,
                            double frames_per_second) {
  if (!video_) file_ = one_video_ ? path_ : new_file(input, ".mp4");
  write_frame(file_, picture, frames_per_second);
}

void DrawnOutput::end_input() {
  if (!one_video_) video_.reset();
}

void DrawnOutput::close() { video_.reset(); }

}  // namespace mobireg
