#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "mobireg/deploy/predictor.h"

namespace mobireg {

/// Finds faces in images with OpenCV's detectors. Not thread-safe.
class FaceDetector {
 public:
  /// A cascade (.xml) or a YuNet network (.onnx; with OpenCV 4.6 the one of March 2022). Empty: the
  /// frontal-face cascade that comes with OpenCV (Debian: opencv-data). Throws Error when there is
  /// none, or it cannot be used.
  explicit FaceDetector(const std::filesystem::path& file = {});
  ~FaceDetector();
  FaceDetector(FaceDetector&&) noexcept;
  FaceDetector& operator=(FaceDetector&&) noexcept;

  /// From left to right. image: 8-bit BGR.
  std::vector<FaceBox> detect(const cv::Mat& image);

  struct Detector;

 private:
  std::unique_ptr<Detector> detector_;
};

}  // namespace mobireg
