#include "synth/head_renderer.h"

#include <cmath>

#include "synth/fragments.h"
#include "synth/head_parts.h"
#include "synth/shading.h"

namespace mobireg {
namespace {

/// Samples along each side of a pixel.
constexpr int kSamples = 2;

View view_of(const HeadScene& scene, int side) {
  const float length = static_cast<float>(side);
  return {side,
          scene.scale * length,
          {(0.5F + scene.offset[0]) * length, (0.5F - scene.offset[1]) * length}};
}

/// The pixel's mean over its samples; the backdrop shows where a sample hit nothing.
Colour pixel_colour(const std::vector<Fragment>& fragments, const Shader& shader, cv::Point pixel,
                    int side, const Colour& behind) {
  Colour sum;
  for (int i = 0; i < kSamples * kSamples; ++i) {
    const int row = pixel.y * kSamples + i / kSamples, column = pixel.x * kSamples + i % kSamples;
    const Fragment& fragment = fragments[static_cast<std::size_t>(row * side + column)];
    sum += std::isinf(fragment.point[2]) ? behind : shader.shade(fragment);
  }
  return sum * (1.0F / (kSamples * kSamples));
}

/// Roughly normal, mean 0, standard deviation 1: the sum of four random bytes. A picture needs a
/// number a pixel, and exact normals would take longer than the drawing.
float grain(Random& random) {
  const std::uint32_t bits = random.next();
  const std::uint32_t sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24);
  constexpr float kDeviation = 147.8F;  // Of a sum of four uniform bytes.
  return (static_cast<float>(sum) - 510) / kDeviation;
}

cv::Mat3b developed(const cv::Mat3f& picture, const HeadScene& scene) {
  Random random(scene.grain_seed);
  cv::Mat3b result(picture.size());
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const float noise = scene.grain > 0 ? scene.grain * grain(random) : 0;
      const Colour colour = 255 * (picture(y, x) + Colour{noise, noise, noise});
      for (int channel = 0; channel < 3; ++channel) {
        result(y, x)[channel] = cv::saturate_cast<unsigned char>(colour[channel]);
      }
    }
  }
  return result;
}

}  // namespace

cv::Mat3b render_head(const HeadScene& scene, int size) {
  const View view = view_of(scene, size * kSamples);
  const Parts parts = scene_parts(scene);
  const std::vector<Fragment> fragments = draw(parts, view);
  const Shader shader(scene.light, parts);
  cv::Mat3f picture = paint_backdrop(scene.backdrop, size);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      picture(y, x) = pixel_colour(fragments, shader, {x, y}, view.side, picture(y, x));
    }
  }
  return developed(picture, scene);
}

cv::Point2f project(const HeadScene& scene, int size, const cv::Vec3f& point) {
  const View view = view_of(scene, size);
  const cv::Vec3f seen = head_to_camera(scene.pose) * point;
  return {view.center[0] + view.unit * seen[0], view.center[1] - view.unit * seen[1]};
}

}  // namespace mobireg
