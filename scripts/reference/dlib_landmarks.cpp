// dlib's 68-point predictor, for dlib_landmarks.py:  dlib_landmarks MODEL.dat <lines >points
// A line of stdin: left top side image-file. The box is in crop sides (0 left or top, 1 right or
// bottom). A line of stdout: x0 y0 ... x67 y67, in crop sides.

#include <dlib/image_processing/shape_predictor.h>
#include <dlib/opencv.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

namespace {

constexpr int kSide = 256;  // crops are enlarged: dlib's pixel differences are of whole pixels

cv::Mat enlarged(const std::string& file) {
  const cv::Mat image = cv::imread(file, cv::IMREAD_COLOR);
  if (image.empty()) throw std::runtime_error(file + ": it cannot be read");
  cv::Mat large;
  cv::resize(image, large, {kSide, kSide}, 0, 0, cv::INTER_CUBIC);
  return large;
}

void print(const dlib::full_object_detection& face) {
  for (unsigned long i = 0; i < face.num_parts(); ++i) {
    std::printf("%s%.5f %.5f", i == 0 ? "" : " ", (face.part(i).x() + 0.5) / kSide,
                (face.part(i).y() + 0.5) / kSide);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: dlib_landmarks MODEL.dat <lines >points");
    dlib::shape_predictor predictor;
    dlib::deserialize(argv[1]) >> predictor;
    double left = 0;
    double top = 0;
    double side = 0;
    std::string file;
    std::string last;
    cv::Mat image;
    while (std::cin >> left >> top >> side >> std::ws && std::getline(std::cin, file)) {
      if (file != last) image = enlarged(file);
      last = file;
      const auto at = [](double x) { return std::lround(x * kSide); };
      const dlib::rectangle box(at(left), at(top), at(left + side) - 1, at(top + side) - 1);
      print(predictor(dlib::cv_image<dlib::bgr_pixel>(image), box));
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dlib_landmarks: %s\n", error.what());
    return 1;
  }
}
