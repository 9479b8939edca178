#include "mobireg/predict/face_detector.h"

#include <opencv2/imgproc.hpp>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

/// As much of a face as the cascade looks at.
void draw_cartoon(cv::Mat& image, cv::Point centre, int side) {
  const auto at = [&](double x, double y) {
    return centre + cv::Point(static_cast<int>(x * side), static_cast<int>(y * side));
  };
  const auto size = [&](double x, double y) {
    return cv::Size(static_cast<int>(x * side), static_cast<int>(y * side));
  };
  const cv::Scalar skin(150, 175, 215), dark(40, 45, 60), shade(110, 135, 175);
  cv::ellipse(image, at(0, -0.05), size(0.5, 0.62), 0, 0, 360, dark, -1, cv::LINE_AA);  // hair
  cv::ellipse(image, at(0, 0.03), size(0.42, 0.55), 0, 0, 360, skin, -1, cv::LINE_AA);
  for (const double x : {-0.19, 0.19}) {
    cv::ellipse(image, at(x, -0.12), size(0.13, 0.07), 0, 0, 360, shade, -1, cv::LINE_AA);
    cv::ellipse(image, at(x, -0.11), size(0.09, 0.04), 0, 0, 360, dark, -1, cv::LINE_AA);
    cv::ellipse(image, at(x, -0.2), size(0.12, 0.025), 0, 0, 360, dark, -1, cv::LINE_AA);
  }
  cv::ellipse(image, at(0, 0.1), size(0.07, 0.03), 0, 0, 360, shade, -1, cv::LINE_AA);
  cv::ellipse(image, at(0, 0.29), size(0.17, 0.035), 0, 0, 360, dark, -1, cv::LINE_AA);
  cv::GaussianBlur(image, image, {}, side / 60.0);
}

TEST_CASE("faces are found where they are, from left to right") {
  cv::Mat image(240, 480, CV_8UC3, cv::Scalar(205, 205, 205));
  draw_cartoon(image, {350, 120}, 120);
  draw_cartoon(image, {120, 120}, 130);
  FaceDetector detector;
  const std::vector<FaceBox> faces = detector.detect(image);
  REQUIRE(faces.size() == 2);
  CHECK((faces[0].x0 + faces[0].x1) / 2 == Approx(120).margin(15));
  CHECK((faces[1].x0 + faces[1].x1) / 2 == Approx(350).margin(15));
  CHECK(faces[0].x1 - faces[0].x0 == Approx(130).margin(50));
  CHECK(detector.detect(cv::Mat(100, 100, CV_8UC3, cv::Scalar::all(128))).empty());
}

TEST_CASE("what is no detector is refused in one line") {
  const TemporaryFolder folder;
  const auto cascade = folder.path() / "c.xml";
  const std::string why =
      ": OpenCV " + std::string(CV_VERSION) +
      " cannot use it as a face detector; a cascade (.xml) or a YuNet network of March 2022 "
      "(.onnx) is needed";
  for (const char* text :
       {"", "<?xml version=\"1.0\"?><opencv_storage><a>1</a></opencv_storage>", "not XML"}) {
    write_file_atomically(cascade, text);
    CHECK_THROWS_WITH(FaceDetector(cascade), cascade.string() + why);
  }
  CHECK_THROWS_WITH(FaceDetector(folder.path() / "no.xml"),
                    (folder.path() / "no.xml").string() + why);
  const auto network = folder.path() / "n.onnx";
  write_file_atomically(network, "not ONNX");
  CHECK_THROWS_WITH(FaceDetector(network), network.string() + why);
}

}  // namespace
}  // namespace mobireg
