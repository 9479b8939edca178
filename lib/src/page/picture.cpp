#include "page/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "config/output_kinds.h"
#include "image/pose_axes.h"
#include "mobireg/config/units.h"
#include "page/html_text.h"

namespace mobireg {
namespace {

constexpr double kSide = 100;         // of a picture, in its own units
constexpr double kAxisLength = 36;    // of kSide
constexpr std::size_t kColours = 12;  // points are drawn in so many strokes
constexpr std::size_t kMaxLabels = 4;

std::string data_uri(const Image& image) {
  const cv::Mat pixels(image.height, image.width, CV_8UC(image.channels),
                       const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat bgr;
  if (image.channels == 3) cv::cvtColor(pixels, bgr, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", image.channels == 3 ? bgr : pixels, bytes, {cv::IMWRITE_JPEG_QUALITY, 88});
  return "data:image/jpeg;base64," + base64(bytes.data(), bytes.size());
}

/// Rounded as it is printed, so that no -0.0 is.
double tenths(double value) { return std::round(10 * value) / 10 + 0.0; }

/// A point as two outputs give it, in the picture's units; not finite where one is missing.
struct SeenPoint {
  double x = 0;
  double y = 0;

  bool is_finite() const { return std::isfinite(x) && std::isfinite(y); }
};

std::vector<SeenPoint> points_of(const std::vector<OutputConfig>& outputs,
                                 const std::vector<float>& targets) {
  const auto xs = outputs_of_kind(outputs, OutputKind::kX);
  const auto ys = outputs_of_kind(outputs, OutputKind::kY);
  std::vector<SeenPoint> points;
  for (std::size_t i = 0; i < std::min(xs.size(), ys.size()); ++i) {
    points.push_back({targets[xs[i]] * kSide, targets[ys[i]] * kSide});
  }
  return points;
}

/// As dots: strokes of no length with round caps. A dark ring tells them from the picture.
std::string points_svg(const std::vector<SeenPoint>& points) {
  const std::size_t strokes = std::min(points.size(), kColours);
  std::string all, svg;
  for (std::size_t stroke = 0; stroke < strokes; ++stroke) {
    const std::size_t end = (stroke + 1) * points.size() / strokes;
    std::string path;
    for (std::size_t i = stroke * points.size() / strokes; i < end; ++i) {
      if (points[i].is_finite()) path += fmt::format("M{:.1f} {:.1f}h0", points[i].x, points[i].y);
    }
    if (path.empty()) continue;
    all += path;
    svg += fmt::format("<path class=\"dot\" stroke=\"{}\" d=\"{}\"/>",
                       point_colour(stroke, strokes), path);
  }
  if (all.empty()) return "";
  return fmt::format("<path class=\"ring\" d=\"{}\"/>{}", all, svg);
}

/// From where points are to where they were predicted.
std::string shifts_svg(const std::vector<OutputConfig>& outputs, const std::vector<float>& targets,
                       const std::vector<float>& predicted) {
  const std::vector<SeenPoint> from = points_of(outputs, targets);
  const std::vector<SeenPoint> to = points_of(outputs, predicted);
  std::string lines, dots;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!from[i].is_finite() || !to[i].is_finite()) continue;
    lines += fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", from[i].x, from[i].y, to[i].x, to[i].y);
    dots += fmt::format("M{:.1f} {:.1f}h0", from[i].x, from[i].y);
  }
  if (lines.empty()) return "";
  return fmt::format("<path class=\"shift\" d=\"{0}\"/><path class=\"dot truth\" d=\"{1}\"/>",
                     lines, dots);
}

std::string pose_svg(const std::vector<OutputConfig>& outputs, const std::vector<float>& targets,
                     const char* style = "") {
  const std::optional<Pose> pose = pose_of(outputs, targets);
  return pose ? axes_svg(*pose, kSide / 2, kSide / 2, kAxisLength, style) : "";
}

std::string labels_svg(const std::vector<OutputConfig>& outputs,
                       const std::vector<float>& targets) {
  return pose_svg(outputs, targets) + points_svg(points_of(outputs, targets));
}

std::string framed(const Image& image, const std::string& drawing, const std::string& description) {
  return fmt::format(
      "<svg class=\"pic\" viewBox=\"0 0 {0} {0}\" role=\"img\" aria-label=\"{1}\">"
      "<image width=\"{0}\" height=\"{0}\" preserveAspectRatio=\"none\" href=\"{2}\"/>{3}</svg>",
      kSide, escape_html(description), data_uri(image), drawing);
}

}  // namespace

bool has_pose(const std::vector<OutputConfig>& outputs) {
  return !outputs_of_kind(outputs, OutputKind::kPitch).empty() ||
         !outputs_of_kind(outputs, OutputKind::kYaw).empty() ||
         !outputs_of_kind(outputs, OutputKind::kRoll).empty();
}

std::string axes_svg(const Pose& pose, double x, double y, double length, const char* style) {
  constexpr std::array<const char*, 3> kClasses{"ax", "ay", "az"};
  const std::array<SeenAxis, 3> axes = seen_axes(pose);
  std::string svg;
  for (const std::size_t i : drawing_order(axes)) {
    const double dx = tenths(length * axes[i].x), dy = tenths(length * axes[i].y);
    const std::string path = fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}", x, y, dx, dy);
    svg += fmt::format("<path class=\"halo{2}\" d=\"{0}\"/><path class=\"{1}{2}\" d=\"{0}\"/>",
                       path, kClasses[i], style);
  }
  return svg;
}

std::string point_colour(std::size_t point, std::size_t points) {
  const double share =
      points > 1 ? static_cast<double>(point) / static_cast<double>(points - 1) : 0;
  return fmt::format("hsl({:.0f} 95% 60%)", 300 * share);
}

std::string picture_svg(const LabelledImage& picture, const std::vector<OutputConfig>& outputs,
                        const std::string& description) {
  return framed(picture.image, labels_svg(outputs, picture.targets), description);
}

std::string compared_svg(const LabelledImage& truth, const std::vector<float>& predicted,
                         const std::vector<OutputConfig>& outputs, const std::string& description) {
  return framed(truth.image,
                pose_svg(outputs, truth.targets, " truth") +
                    shifts_svg(outputs, truth.targets, predicted) + labels_svg(outputs, predicted),
                description);
}

std::string labels_html(const LabelledImage& picture, const std::vector<OutputConfig>& outputs) {
  std::string html;
  std::size_t count = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].kind == OutputKind::kX || outputs[i].kind == OutputKind::kY) continue;
    if (++count > kMaxLabels) return html + " \xE2\x80\xA6";
    const double value = report_factor(outputs[i].unit) * picture.targets[i];
    const bool is_degrees = is_angle(outputs[i].unit) && std::isfinite(value);
    html += fmt::format("{}<span>{}\xC2\xA0{}{}</span>", html.empty() ? "" : " ",
                        escape_html(outputs[i].name),
                        is_degrees ? fmt::format("{}", std::lround(value)) : short_number(value),
                        is_degrees ? "\xC2\xB0" : "");
  }
  return html;
}

}  // namespace mobireg
