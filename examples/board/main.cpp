// Prints what an exported network says of a picture, or of a face in it:
//   board-example NETWORK.onnx PICTURE.ppm [LEFT TOP RIGHT BOTTOM]

#include <mobireg/config/units.h>
#include <mobireg/deploy/predictor.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <opencv2/core.hpp>
#include <stdexcept>

namespace {

/// A binary PPM of 8 bits without comments, as BGR.
cv::Mat read_ppm(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int width = 0, height = 0, largest = 0;
  if (!(file >> magic >> width >> height >> largest) || magic != "P6" || largest != 255 ||
      width < 1 || height < 1 || width > 10000 || height > 10000) {
    throw std::runtime_error(std::string(path) + ": not a PPM (P6) of 8 bits");
  }
  file.get();
  cv::Mat image(height, width, CV_8UC3);
  if (!file.read(image.ptr<char>(), image.total() * 3)) throw std::runtime_error("it is too short");
  for (auto& pixel : cv::Mat_<cv::Vec3b>(image)) std::swap(pixel[0], pixel[2]);
  return image;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3 && argc != 7) throw std::runtime_error("NETWORK PICTURE [LEFT TOP RIGHT BOTTOM]");
  const mobireg::Predictor predictor = mobireg::Predictor::load(argv[1]);
  const cv::Mat image = read_ppm(argv[2]);
  const auto edge = [&](int i) { return std::atof(argv[3 + i]); };
  const mobireg::Prediction prediction =
      argc == 3 ? predictor.predict(image)
                : predictor.predict(image, mobireg::FaceBox{edge(0), edge(1), edge(2), edge(3)});
  for (const mobireg::OutputConfig& output : *prediction.outputs) {
    std::printf("%s %.6f %s\n", output.name.c_str(),
                prediction.value(output.name) * mobireg::report_factor(output.unit),
                mobireg::report_unit(output.unit));
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "board-example: %s\n", error.what());
  return 1;
}
