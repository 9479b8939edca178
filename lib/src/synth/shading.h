#pragma once

#include <vector>

#include "synth/fragments.h"
#include "synth/head_scene.h"

namespace mobireg {

/// Light on the parts of one scene: ambient light, a lamp with soft shadows, and highlights.
class Shader {
 public:
  Shader(const Light& light, const std::vector<Ellipsoid>& shapes);

  Colour shade(const Fragment& fragment) const;

 private:
  /// An ellipsoid between the lamp and others, with the products that every ray to the lamp needs.
  struct Occluder {
    cv::Vec3f center;
    cv::Matx33f quadric;
    cv::Vec3f to_lamp;  ///< quadric * direction.
    float curvature;    ///< direction' * quadric * direction.
  };

  float lit_share(const cv::Vec3f& point) const;

  Light light_;
  cv::Vec3f halfway_;
  std::vector<Occluder> occluders_;
};

}  // namespace mobireg
