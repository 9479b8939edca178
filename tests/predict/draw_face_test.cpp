#include "predict/draw_face.h"

#include <opencv2/imgproc.hpp>

#include "predicted_faces.h"

namespace mobireg {
namespace {

const cv::Vec3b kBackground(128, 128, 128);

cv::Mat drawn(const std::vector<OutputConfig>& outputs, std::vector<float> values,
              double enlarged = 1) {
  cv::Mat picture(200, 200, CV_8UC3, cv::Scalar(kBackground));
  const double end = 180 / enlarged;
  draw_face(picture,
            face_of(resolved_outputs(outputs), {20 / enlarged, 20 / enlarged, end, end},
                    std::move(values)),
            enlarged);
  return picture;
}

/// Where a channel stands out most, on average; (-1, -1) where it does nowhere.
cv::Point2d centre_of(const cv::Mat& picture, int channel) {
  cv::Point2d sum;
  int count = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const auto& bgr = picture.at<cv::Vec3b>(y, x);
      const int others = std::max(bgr[(channel + 1) % 3], bgr[(channel + 2) % 3]);
      if (bgr[channel] < others + 90) continue;
      sum += cv::Point2d(x, y);
      ++count;
    }
  }
  return count == 0 ? cv::Point2d(-1, -1) : sum / count;
}

const std::vector<OutputConfig> kPose{
    {"pitch", Unit::kDegrees}, {"yaw", Unit::kDegrees}, {"roll", Unit::kDegrees}};
constexpr int kBlue = 0, kGreen = 1, kRed = 2;

TEST_CASE("a head that looks ahead has its red axis to the right and its green one up") {
  const cv::Mat picture = drawn(kPose, {0, 0, 0});
  CHECK(centre_of(picture, kRed).x > 120);
  CHECK(centre_of(picture, kRed).y == Approx(100).margin(2));
  CHECK(centre_of(picture, kGreen).y < 80);
  CHECK(centre_of(picture, kGreen).x == Approx(100).margin(2));
}

TEST_CASE("the blue axis goes where the nose points") {
  CHECK(centre_of(drawn(kPose, {0, 50, 0}), kBlue).x < 90);  // to the left edge
  CHECK(centre_of(drawn(kPose, {0, -50, 0}), kBlue).x > 110);
  CHECK(centre_of(drawn(kPose, {40, 0, 0}), kBlue).y < 92);  // up
  CHECK(centre_of(drawn(kPose, {-40, 0, 0}), kBlue).y > 108);
}

TEST_CASE("roll turns the axes clockwise as seen") {
  const cv::Mat picture = drawn(kPose, {0, 0, 40});
  CHECK(centre_of(picture, kRed).y > 115);
  CHECK(centre_of(picture, kGreen).x > 115);
}

TEST_CASE("angles that are no outputs are 0, and no angle at all draws no axes") {
  CHECK(centre_of(drawn({{"yaw", Unit::kRadians}}, {0.8F}), kBlue).x < 90);
  const cv::Mat picture = drawn({{"age", Unit::kNone}}, {30});
  CHECK(centre_of(picture, kRed).x == -1);
  CHECK(picture.at<cv::Vec3b>(100, 100) == kBackground);
  CHECK(picture.at<cv::Vec3b>(100, 20) != kBackground);  // the box
}

TEST_CASE("points are drawn where they are, in a picture that is enlarged as well") {
  const std::vector<OutputConfig> points{{"x0", Unit::kImage}, {"y0", Unit::kImage}};
  for (const double enlarged : {1.0, 4.0}) {
    const cv::Mat picture = drawn(points, {0.25F, 0.75F}, enlarged);
    const cv::Point2d centre = centre_of(picture, kRed);
    CHECK(centre.x == Approx(59.5).margin(1));  // 20 + 0.25 * 160, in pixel centres
    CHECK(centre.y == Approx(139.5).margin(1));
  }
}

TEST_CASE("what is no number is not drawn") {
  const cv::Mat picture = drawn(
      {{"yaw", Unit::kRadians}, {"x0", Unit::kImage}, {"y0", Unit::kImage}}, {NAN, NAN, 0.5F});
  CHECK(centre_of(picture, kRed).x == -1);
  CHECK(centre_of(picture, kBlue).x == -1);
}

TEST_CASE("small pictures are enlarged by whole factors") {
  CHECK(enlargement(cv::Mat(64, 64, CV_8UC3)) == 5);
  CHECK(enlargement(cv::Mat(320, 900, CV_8UC3)) == 1);
  CHECK(enlargement(cv::Mat(1080, 1920, CV_8UC3)) == 1);
}

}  // namespace
}  // namespace mobireg
