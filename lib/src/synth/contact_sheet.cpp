#include <opencv2/imgproc.hpp>

#include "mobireg/synth/synth.h"
#include "synth/head_renderer.h"
#include "synth/png_file.h"
#include "synth/synth_options.h"

namespace mobireg {
namespace {

constexpr int kMaxSide = 8192;  // Pixels: a sheet of 200 MB.

/// The head's axes as seen, from its origin.
void draw_axes(const HeadScene& scene, cv::Mat3b& picture) {
  constexpr float kLength = 1.1F;  // Head units: just past the nose, the crown and the ears.
  constexpr int kFractionBits = 4;
  const auto pixels = [&](const cv::Vec3f& point) {
    const cv::Point2f at = project(scene, picture.rows, point) * (1 << kFractionBits);
    return cv::Point(cvRound(at.x), cvRound(at.y));
  };
  const auto axis = [&](const cv::Vec3f& tip, const cv::Scalar& colour) {
    cv::line(picture, pixels({0, 0, 0}), pixels(tip), colour, 1, cv::LINE_AA, kFractionBits);
  };
  axis({kLength, 0, 0}, {40, 40, 255});
  axis({0, kLength, 0}, {40, 220, 40});
  axis({0, 0, 1.5F * kLength}, {255, 90, 40});
}

}  // namespace

void write_contact_sheet(const SynthOptions& heads, const std::filesystem::path& file,
                         const ContactSheetOptions& sheet) {
  require_valid_heads(heads);
  require_in_range("columns", sheet.columns, 1, 100);
  require_in_range("rows", sheet.rows, 1, 100);
  require_in_range("columns * size", sheet.columns * heads.size, 16, kMaxSide);
  require_in_range("rows * size", sheet.rows * heads.size, 16, kMaxSide);
  cv::Mat3b table(sheet.rows * heads.size, sheet.columns * heads.size);
  for (int i = 0; i < sheet.rows * sheet.columns; ++i) {
    const HeadScene scene = random_head_scene(pose_limits(heads), heads.seed, i);
    cv::Mat3b picture = render_head(scene, heads.size);
    if (sheet.draw_axes) draw_axes(scene, picture);
    const cv::Rect cell(i % sheet.columns * heads.size, i / sheet.columns * heads.size, heads.size,
                        heads.size);
    picture.copyTo(table(cell));
  }
  write_png(file, table);
}

}  // namespace mobireg
