#pragma once

#include <opencv2/core/utils/logger.hpp>

namespace mobireg {

/// While it lives OpenCV logs nothing on stderr: what went wrong is in an Error.
class QuietOpenCv {
 public:
  QuietOpenCv() : level_(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {}
  QuietOpenCv(const QuietOpenCv&) = delete;
  QuietOpenCv& operator=(const QuietOpenCv&) = delete;
  ~QuietOpenCv() { cv::utils::logging::setLogLevel(level_); }

 private:
  cv::utils::logging::LogLevel level_;
};

}  // namespace mobireg
