#include "data/save_sample.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/fail.h"
#include "mobireg/core/file.h"

namespace mobireg {

void save_sample(const Sample& sample, const InputConfig& input,
                 const std::filesystem::path& path) {
  const cv::Mat pixels(input.size, input.size, CV_32FC(input.channels()),
                       const_cast<float*>(sample.pixels.data()));  // only read
  cv::Mat image;
  pixels.convertTo(image, CV_8U);
  if (input.channels() == 3) cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  std::vector<uchar> png;
  cv::imencode(".png", image, png);
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error)
    fail("{}: the folder cannot be made: {}", path.parent_path().string(), error.message());
  write_file_atomically(path, {reinterpret_cast<const char*>(png.data()), png.size()});
}

}  // namespace mobireg
