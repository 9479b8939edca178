#include "predict/picture_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string_view>

#include "core/fail.h"
#include "deploy/quiet_opencv.h"
#include "image/image_decoder.h"
#include "image/image_files.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

constexpr std::string_view kCamera = "camera:";
constexpr double kUsualRate = 30;  // frames a second, where a camera does not say

PredictInput camera_input(const std::string& name) {
  const std::string number = name.substr(kCamera.size());
  const bool digits =
      !number.empty() && number.size() < 4 && std::all_of(number.begin(), number.end(), ::isdigit);
  if (!digits) fail("{}: a camera has a number, such as camera:0", name);
  return {InputKind::kCamera, name, {}, std::stoi(number)};
}

void check_readable(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) fail("{}: there is no such file", path.string());
  if (!std::filesystem::is_regular_file(status)) fail("{}: not a regular file", path.string());
}

}  // namespace

bool is_video_file(const std::filesystem::path& path) {
  return has_extension(path, {".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg"});
}

std::vector<PredictInput> find_inputs(const std::vector<std::string>& names, bool recursive) {
  std::vector<PredictInput> inputs;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (name.compare(0, kCamera.size(), kCamera) == 0) {
      inputs.push_back(camera_input(name));
    } else if (std::filesystem::is_directory(name, ignored)) {
      const Folders folders = recursive ? Folders::kAllBelow : Folders::kThisOne;
      for (const auto& path : image_files_in(name, folders)) {
        inputs.push_back({InputKind::kImage, path.string(), path});
      }
    } else {
      const InputKind kind = is_video_file(name) ? InputKind::kVideo : InputKind::kImage;
      inputs.push_back({kind, name, name});
    }
  }
  return inputs;
}

Picture read_picture(const PredictInput& input, bool exif_orientation) {
  Picture picture;
  picture.file_bytes = read_file(input.path);
  DecodeOptions options;
  options.exif_orientation = exif_orientation;
  try {
    Image image = decode_image(picture.file_bytes, options).image;
    const cv::Mat rgb(image.height, image.width, CV_8UC3, image.pixels.data());
    cv::cvtColor(rgb, picture.image, cv::COLOR_RGB2BGR);
  } catch (const Error& error) {
    fail("{}: {}", input.name, error.what());
  }
  return picture;
}

struct FrameReader::Capture {
  cv::VideoCapture video;
  double rate = kUsualRate;
  bool is_camera = false;
  std::chrono::steady_clock::time_point start;
  std::int64_t frames = 0;
  cv::Mat first;  // read to see whether there is one
};

FrameReader::FrameReader(const PredictInput& input) : capture_(std::make_unique<Capture>()) {
  const QuietOpenCv quiet;
  capture_->is_camera = input.kind == InputKind::kCamera;
  try {
    if (capture_->is_camera) {
      capture_->video.open(input.camera);
    } else {
      check_readable(input.path);
      capture_->video.open(input.path.string());
    }
  } catch (const cv::Exception&) {
    capture_->video.release();
  }
  if (!capture_->video.isOpened() || !capture_->video.read(capture_->first)) {
    fail("{}: {}", input.name,
         capture_->is_camera ? "there is no such camera, or it gives no picture"
                             : "not a video that OpenCV can read, or one without a frame");
  }
  const double rate = capture_->video.get(cv::CAP_PROP_FPS);
  if (std::isfinite(rate) && rate >= 1 && rate <= 1000) capture_->rate = rate;
  capture_->start = std::chrono::steady_clock::now();
}

FrameReader::~FrameReader() = default;

double FrameReader::frames_per_second() const { return capture_->rate; }

bool FrameReader::next(Picture& picture) {
  Capture& capture = *capture_;
  if (capture.first.empty()) {
    cv::Mat frame;
    if (!capture.video.read(frame) || frame.empty()) return false;
    picture.image = frame;
  } else {
    picture.image = std::move(capture.first);
    capture.first = cv::Mat();
  }
  if (picture.image.channels() == 1) cv::cvtColor(picture.image, picture.image, cv::COLOR_GRAY2BGR);
  picture.file_bytes.clear();
  picture.frame = capture.frames++;
  picture.seconds = static_cast<double>(picture.frame) / capture.rate;
  if (capture.is_camera) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - capture.start;
    picture.seconds = passed.count();
  }
  return true;
}

}  // namespace mobireg
