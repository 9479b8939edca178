#include "synth/shading.h"

#include <algorithm>

namespace mobireg {
namespace {

constexpr float kShadowBias = 0.06F;   ///< Head units along the normal, against self-shadowing.
constexpr float kShadowEdge = 0.35F;   ///< How soft shadows are.
constexpr float kShadowDepth = 0.75F;  ///< Share of the lamp's light that a full shadow takes.

}  // namespace

Shader::Shader(const Light& light, const std::vector<Ellipsoid>& shapes)
    : light_(light), halfway_(cv::normalize(light.direction + cv::Vec3f{0, 0, 1})) {
  for (const Ellipsoid& shape : shapes) {
    if (!shape.casts_shadow) continue;
    Occluder occluder;
    occluder.center = shape.center;
    occluder.quadric = quadric(shape);
    occluder.to_lamp = occluder.quadric * light.direction;
    occluder.curvature = light.direction.dot(occluder.to_lamp);
    occluders_.push_back(occluder);
  }
}

Colour Shader::shade(const Fragment& fragment) const {
  const cv::Vec3f& normal = fragment.normal;
  const Material& material = fragment.material;
  // The sky is brighter than the floor, and hollows and rims get less of either.
  const float sky = (0.85F + 0.15F * normal[1]) * (0.7F + 0.3F * normal[2]);
  Colour result = material.colour.mul(light_.ambient * sky);
  const float facing = normal.dot(light_.direction);
  if (facing <= 0) return result;
  const float lit = lit_share(fragment.point + kShadowBias * normal);
  result += material.colour.mul(light_.lamp * (facing * lit));
  if (material.shine > 0) {
    const float square =
        std::max(0.0F, normal.dot(halfway_)) * std::max(0.0F, normal.dot(halfway_));
    const float eighth = square * square * square * square;
    result += light_.lamp * (material.shine * lit * eighth * eighth);
  }
  return result;
}

/// The ray's nearest approach to each occluder, in the occluder's own measure (1 on its surface),
/// says how deep the shadow is.
float Shader::lit_share(const cv::Vec3f& point) const {
  float lit = 1;
  for (const Occluder& occluder : occluders_) {
    const cv::Vec3f p = point - occluder.center;
    const float b = p.dot(occluder.to_lamp);
    if (b >= 0) continue;  // The ray leads away from it.
    const float outside = p.dot(occluder.quadric * p) - 1;
    if (outside <= 0) continue;
    const float depth = b * b / occluder.curvature - outside;
    if (depth <= 0) continue;
    lit = std::min(lit, 1 - kShadowDepth * std::min(1.0F, depth / kShadowEdge));
  }
  return lit;
}

}  // namespace mobireg
