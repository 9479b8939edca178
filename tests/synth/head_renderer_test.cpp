#include "synth/head_renderer.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace mobireg {
namespace {

constexpr int kSize = 128;

/// The plain, symmetric head before an even backdrop, lit from the front.
HeadScene plain_scene(const Pose& pose) {
  HeadScene scene;
  scene.pose = pose;
  scene.backdrop.to = scene.backdrop.from;
  return scene;
}

double mean_difference(const cv::Mat3b& a, const cv::Mat3b& b, const cv::Mat1b& mask) {
  cv::Mat3b difference;
  cv::absdiff(a, b, difference);
  const cv::Scalar mean = cv::mean(difference, mask);
  return (mean[0] + mean[1] + mean[2]) / 3;
}

cv::Mat1b disc(float radius) {
  cv::Mat1b mask(kSize, kSize, static_cast<unsigned char>(0));
  cv::circle(mask, {kSize / 2, kSize / 2}, cvRound(radius * kSize), 255, cv::FILLED);
  return mask;
}

cv::Mat3b turned_clockwise(const cv::Mat3b& picture, double degrees) {
  const cv::Point2f middle(kSize / 2.0F - 0.5F, kSize / 2.0F - 0.5F);
  cv::Mat3b result;
  cv::warpAffine(picture, result, cv::getRotationMatrix2D(middle, -degrees, 1), picture.size());
  return result;
}

/// The middle of what is seen of a nose that is painted green and lit evenly.
cv::Point2f nose_in_picture(HeadScene scene) {
  scene.person.nose = rgb(0, 1, 0);
  scene.person.skin = rgb(0.5F, 0, 0);
  scene.light.lamp = {0, 0, 0};
  scene.light.ambient = {1, 1, 1};
  scene.backdrop.from = scene.backdrop.to = rgb(0, 0, 0);
  const cv::Mat3b picture = render_head(scene, kSize);
  cv::Mat1b green;
  cv::inRange(picture, cv::Scalar(0, 110, 0), cv::Scalar(60, 255, 60), green);
  const cv::Moments moments = cv::moments(green, true);
  REQUIRE(moments.m00 > 10);
  return {static_cast<float>(moments.m10 / moments.m00),
          static_cast<float>(moments.m01 / moments.m00)};
}

TEST_CASE("the nose is seen where the pose says that it points") {
  for (const double pitch : {-0.5, 0.0, 0.5}) {
    for (const double yaw : {-0.8, 0.0, 0.8}) {
      for (const double roll : {-0.5, 0.0, 0.5}) {
        const HeadScene scene = plain_scene({pitch, yaw, roll});
        const cv::Point2f nose = nose_in_picture(scene);
        const Rotation r = rotation_from_pose(scene.pose);
        // The nose's tip in head coordinates is (0, -0.25, 0.9).
        const double right = -0.25 * r[1] + 0.9 * r[2], up = -0.25 * r[4] + 0.9 * r[5];
        const double unit = scene.scale * kSize;
        INFO("pitch " << pitch << ", yaw " << yaw << ", roll " << roll);
        CHECK(nose.x - kSize / 2.0 == Approx(unit * right).margin(5));
        CHECK(kSize / 2.0 - nose.y == Approx(unit * up).margin(5));
      }
    }
  }
}

TEST_CASE("positive yaw moves the nose to the left and positive pitch moves it up") {
  const cv::Point2f ahead = nose_in_picture(plain_scene({0, 0, 0}));
  CHECK(nose_in_picture(plain_scene({0, 0.6, 0})).x < ahead.x - 20);
  CHECK(nose_in_picture(plain_scene({0.6, 0, 0})).y < ahead.y - 20);
}

TEST_CASE("a point of the head is projected to where it is drawn") {
  HeadScene scene = plain_scene({0.2, 0.4, -0.3});
  scene.offset = {0.1F, -0.05F};
  const cv::Point2f distance = project(scene, kSize, {0, -0.25F, 0.9F}) - nose_in_picture(scene);
  CHECK(std::hypot(distance.x, distance.y) < 5);
}

TEST_CASE("mirroring the picture is the same as negating yaw and roll") {
  const cv::Mat3b picture = render_head(plain_scene({0.3, 0.6, -0.4}), kSize);
  const cv::Mat3b other = render_head(plain_scene({0.3, -0.6, 0.4}), kSize);
  cv::Mat3b mirrored;
  cv::flip(picture, mirrored, 1);
  CHECK(mean_difference(mirrored, other, disc(1)) < 0.5);
  CHECK(mean_difference(picture, other, disc(1)) > 10);
}

TEST_CASE("positive roll turns the picture of the head clockwise") {
  const cv::Mat3b upright = render_head(plain_scene({0, 0, 0}), kSize);
  const cv::Mat3b rolled = render_head(plain_scene({0, 0, 0.5}), kSize);
  const double degrees = 0.5 * 180 / CV_PI;
  const cv::Mat1b head = disc(0.3F);
  const double clockwise = mean_difference(turned_clockwise(upright, degrees), rolled, head);
  CHECK(clockwise < 6);
  CHECK(mean_difference(turned_clockwise(upright, -degrees), rolled, head) > 3 * clockwise);
}

TEST_CASE("a scene gives the same picture every time, and grain another one") {
  HeadScene scene = plain_scene({0.1, 0.2, 0.3});
  const cv::Mat3b smooth = render_head(scene, kSize);
  CHECK(mean_difference(smooth, render_head(scene, kSize), disc(1)) == 0);
  scene.grain = 0.02F;
  const double change = mean_difference(smooth, render_head(scene, kSize), disc(1));
  // The mean absolute value of a normal number is 0.8 of its standard deviation.
  CHECK(change == Approx(0.8 * 255 * 0.02).epsilon(0.1));
}

}  // namespace
}  // namespace mobireg
