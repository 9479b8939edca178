// Prints what a checkpoint or an exported file says of the faces in a picture, from left to right;
// where none is found, of the whole picture:
//   predict-example NETWORK PICTURE

#include <mobireg/config/units.h>
#include <mobireg/deploy/predictor.h>
#include <mobireg/predict/face_detector.h>

#include <cstdio>
#include <exception>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

namespace {

void print(const mobireg::Prediction& face) {
  std::printf("face at %.0f, %.0f:", face.seen.x0, face.seen.y0);
  for (const mobireg::OutputConfig& output : *face.outputs) {
    std::printf(" %s %.2f %s", output.name.c_str(),
                face.value(output.name) * mobireg::report_factor(output.unit),
                mobireg::report_unit(output.unit));
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("NETWORK PICTURE");
  const auto predictor = mobireg::Predictor::load(argv[1]);
  const cv::Mat picture = cv::imread(argv[2], cv::IMREAD_COLOR);
  if (picture.empty()) throw std::runtime_error(std::string(argv[2]) + " is no picture");
  mobireg::FaceDetector detector;
  const auto faces = detector.detect(picture);
  if (faces.empty()) print(predictor.predict(picture));
  for (const auto& face : predictor.predict_faces(picture, faces)) print(face);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "predict-example: %s\n", error.what());
  return 1;
}
