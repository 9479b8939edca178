#include "mobireg/predict/face_detector.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <tuple>

#include "core/fail.h"
#include "deploy/quiet_opencv.h"

namespace mobireg {

struct FaceDetector::Detector {
  virtual ~Detector() = default;
  virtual std::vector<FaceBox> detect(const cv::Mat& image) = 0;
};

namespace {

constexpr const char* kCascade = "haarcascade_frontalface_alt2.xml";
constexpr std::array kCascadeFolders{
    "/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades",
    "/usr/share/opencv/haarcascades", "/usr/share/OpenCV/haarcascades"};

std::filesystem::path installed_cascade() {
  for (const char* folder : kCascadeFolders) {
    const auto path = std::filesystem::path(folder) / kCascade;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  fail(
      "no face detector: {} is in none of the folders where OpenCV puts it (Debian: install "
      "opencv-data); or give a detector's file, boxes, or say that the whole image is the face",
      kCascade);
}

[[noreturn]] void unusable(const std::filesystem::path& file) {
  fail(
      "{}: OpenCV {} cannot use it as a face detector; a cascade (.xml) or a YuNet network of "
      "March "
      "2022 (.onnx) is needed",
      file.string(), CV_VERSION);
}

FaceBox box_of(const cv::Rect2d& rect) {
  return {rect.x, rect.y, rect.x + rect.width, rect.y + rect.height};
}

class CascadeDetector final : public FaceDetector::Detector {
 public:
  explicit CascadeDetector(const std::filesystem::path& file) {
    if (!cascade_.load(file.string())) unusable(file);
  }

  std::vector<FaceBox> detect(const cv::Mat& image) override {
    cv::Mat grey;
    cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
    cv::equalizeHist(grey, grey);
    const int smallest = std::max(kSmallest, std::min(image.cols, image.rows) / kSmallestPart);
    std::vector<cv::Rect> faces;
    cascade_.detectMultiScale(grey, faces, kScaleStep, kNeighbours, 0, {smallest, smallest});
    std::vector<FaceBox> boxes;
    for (const cv::Rect& face : faces) boxes.push_back(box_of(face));
    return boxes;
  }

 private:
  static constexpr int kSmallest = 24;      // pixels a side
  static constexpr int kSmallestPart = 20;  // of the image's shorter side
  static constexpr double kScaleStep = 1.1;
  static constexpr int kNeighbours = 3;

  cv::CascadeClassifier cascade_;
};

class YuNetDetector final : public FaceDetector::Detector {
 public:
  explicit YuNetDetector(const std::filesystem::path& file)
      : name_(file.string()), detector_(cv::FaceDetectorYN::create(name_, "", {320, 320})) {
    detect(cv::Mat::zeros(64, 64, CV_8UC3));
  }

  std::vector<FaceBox> detect(const cv::Mat& image) override {
    const double scale =
        std::min(1.0, static_cast<double>(kLargest) / std::max(image.cols, image.rows));
    cv::Mat small = image;
    if (scale < 1) cv::resize(image, small, {}, scale, scale, cv::INTER_AREA);
    detector_->setInputSize(small.size());
    cv::Mat faces;
    detector_->detect(small, faces);
    std::vector<FaceBox> boxes;
    for (int i = 0; i < faces.rows; ++i) {
      const float* row = faces.ptr<float>(i);  // left, top, width, height, 5 points, score
      boxes.push_back(box_of({row[0] / scale, row[1] / scale, row[2] / scale, row[3] / scale}));
    }
    return boxes;
  }

 private:
  static constexpr int kLargest = 1280;  // pixels a side that are searched

  std::string name_;
  cv::Ptr<cv::FaceDetectorYN> detector_;
};

std::unique_ptr<FaceDetector::Detector> make_detector(const std::filesystem::path& file) {
  const QuietOpenCv quiet;
  try {
    if (file.extension() == ".onnx") return std::make_unique<YuNetDetector>(file);
    return std::make_unique<CascadeDetector>(file);
  } catch (const cv::Exception&) {
    unusable(file);
  }
}

}  // namespace

FaceDetector::FaceDetector(const std::filesystem::path& file)
    : detector_(make_detector(file.empty() ? installed_cascade() : file)) {}

FaceDetector::~FaceDetector() = default;
FaceDetector::FaceDetector(FaceDetector&&) noexcept = default;
FaceDetector& FaceDetector::operator=(FaceDetector&&) noexcept = default;

std::vector<FaceBox> FaceDetector::detect(const cv::Mat& image) {
  std::vector<FaceBox> boxes = detector_->detect(image);
  std::sort(boxes.begin(), boxes.end(), [](const FaceBox& a, const FaceBox& b) {
    return std::tie(a.x0, a.y0) < std::tie(b.x0, b.y0);
  });
  return boxes;
}

}  // namespace mobireg
