#include "predict/draw_face.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/pose_axes.h"

namespace mobireg {
namespace {

constexpr double kAxisLength = 0.45;  // of the box's longer side
constexpr int kFractionBits = 4;      // OpenCV draws at whole units of 1/16 pixel
constexpr int kSmallPicture = 320;    // pixels a side

const cv::Scalar kDark(24, 24, 24);
const cv::Scalar kBoxColour(230, 230, 230);
const std::array<cv::Scalar, 3> kAxisColours{cv::Scalar(60, 60, 235), cv::Scalar(70, 200, 60),
                                             cv::Scalar(240, 110, 50)};

/// From pixel edges, as boxes and points are counted, to OpenCV's pixel centres.
cv::Point fixed_point(double x, double y) {
  constexpr double kUnits = 1 << kFractionBits;
  const auto rounded = [](double value) {
    return static_cast<int>(std::lround(std::clamp((value - 0.5) * kUnits, -1e8, 1e8)));
  };
  return {rounded(x), rounded(y)};
}

void draw_line(cv::Mat& picture, const cv::Point& from, const cv::Point& to,
               const cv::Scalar& colour, int width) {
  cv::line(picture, from, to, kDark, width + 2, cv::LINE_AA, kFractionBits);
  cv::line(picture, from, to, colour, width, cv::LINE_AA, kFractionBits);
}

void draw_axes(cv::Mat& picture, const Pose& pose, const ImagePoint& origin, double length,
               int width) {
  const std::array<SeenAxis, 3> axes = seen_axes(pose);
  for (const std::size_t i : drawing_order(axes)) {
    draw_line(picture, fixed_point(origin.x, origin.y),
              fixed_point(origin.x + length * axes[i].x, origin.y + length * axes[i].y),
              kAxisColours[i], width);
  }
}

/// From red through green to violet, as the data page's.
cv::Scalar point_colour_bgr(std::size_t point, std::size_t points) {
  const double hue = 150.0 * static_cast<double>(point) / static_cast<double>(points);  // of 180
  cv::Mat pixel(1, 1, CV_8UC3, cv::Scalar(hue, 220, 255));
  cv::cvtColor(pixel, pixel, cv::COLOR_HSV2BGR);
  const auto bgr = pixel.at<cv::Vec3b>(0);
  return {static_cast<double>(bgr[0]), static_cast<double>(bgr[1]), static_cast<double>(bgr[2])};
}

void draw_points(cv::Mat& picture, const std::vector<ImagePoint>& points, double enlarged,
                 double radius) {
  const auto drawn = static_cast<int>(std::lround(radius * (1 << kFractionBits)));
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!std::isfinite(points[i].x) || !std::isfinite(points[i].y)) continue;
    const cv::Point centre = fixed_point(points[i].x * enlarged, points[i].y * enlarged);
    cv::circle(picture, centre, drawn + (1 << kFractionBits), kDark, cv::FILLED, cv::LINE_AA,
               kFractionBits);
    cv::circle(picture, centre, drawn, point_colour_bgr(i, points.size()), cv::FILLED, cv::LINE_AA,
               kFractionBits);
  }
}

}  // namespace

int enlargement(const cv::Mat& picture) {
  const int side = std::min(picture.cols, picture.rows);
  return std::max(1, (kSmallPicture + side - 1) / std::max(side, 1));
}

void draw_face(cv::Mat& picture, const PredictedFace& face, double enlarged) {
  const FaceBox box{face.box.x0 * enlarged, face.box.y0 * enlarged, face.box.x1 * enlarged,
                    face.box.y1 * enlarged};
  const double side = std::max(box.x1 - box.x0, box.y1 - box.y0);
  const int width = std::max(1, static_cast<int>(std::lround(side / 90)));
  cv::rectangle(picture, fixed_point(box.x0, box.y0), fixed_point(box.x1, box.y1), kBoxColour, 1,
                cv::LINE_AA, kFractionBits);
  draw_points(picture, points_of(face.prediction), enlarged, side / 120);
  const std::optional<Pose> pose = pose_of(face);
  if (!pose) return;
  draw_axes(picture, *pose, {(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2}, kAxisLength * side,
            width);
}

}  // namespace mobireg
