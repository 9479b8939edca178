#include "synth/fragments.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace mobireg {
namespace {

const View kView = {64, 20, {32, 32}};

Ellipsoid tilted_shape() {
  Ellipsoid shape = {{0.2F, -0.1F, 0.3F}, {0.9F, 0.5F, 0.7F}, {rgb(1, 1, 1)}};
  shape.frame = turn_about_x(0.5F) * turn_about_z(0.7F);
  return shape;
}

TEST_CASE("what is drawn lies on the ellipsoid, and its normal faces the viewer") {
  const Ellipsoid shape = tilted_shape();
  const cv::Matx33f q = quadric(shape);
  int drawn = 0;
  for (const Fragment& fragment : draw({shape}, kView)) {
    if (std::isinf(fragment.point[2])) continue;
    ++drawn;
    const cv::Vec3f p = fragment.point - shape.center;
    REQUIRE(p.dot(q * p) == Approx(1).epsilon(1e-3));
    REQUIRE(cv::norm(fragment.normal) == Approx(1).epsilon(1e-3));
    REQUIRE(fragment.normal[2] >= -1e-3);
  }
  // The area of the outline, an ellipse: pi / sqrt(determinant of the outline's own quadric).
  const float qzz = q(2, 2);
  const float a = q(0, 0) - q(0, 2) * q(0, 2) / qzz, b = q(0, 1) - q(0, 2) * q(1, 2) / qzz;
  const float c = q(1, 1) - q(1, 2) * q(1, 2) / qzz;
  REQUIRE(drawn == Approx(CV_PI / std::sqrt(a * c - b * b) * 20 * 20).epsilon(0.03));
}

TEST_CASE("what lies outside the kept half-space is not drawn, wherever the shape is placed") {
  Ellipsoid shape = tilted_shape();
  shape.kept = {{0, 1, 0}, shape.center[1]};
  const cv::Matx33f turn = turn_about_y(0.4F) * turn_about_z(-1.1F);
  const cv::Vec3f shift = {0.1F, 0.2F, -0.3F};
  int drawn = 0;
  for (const Fragment& fragment : draw({placed(shape, turn, shift)}, kView)) {
    if (std::isinf(fragment.point[2])) continue;
    ++drawn;
    const cv::Vec3f before = turn.t() * (fragment.point - shift);
    REQUIRE(before[1] >= shape.center[1] - 1e-4F);
  }
  REQUIRE(drawn > 50);
}

TEST_CASE("the nearer shape hides the farther one, in either order") {
  const Ellipsoid near = {{0, 0, 1}, {0.5F, 0.5F, 0.5F}, {rgb(1, 0, 0)}};
  const Ellipsoid far = {{0, 0, -1}, {0.5F, 0.5F, 0.5F}, {rgb(0, 1, 0)}};
  const std::size_t middle = 32 * 64 + 32;
  REQUIRE(draw({near, far}, kView)[middle].material.colour == rgb(1, 0, 0));
  REQUIRE(draw({far, near}, kView)[middle].material.colour == rgb(1, 0, 0));
}

TEST_CASE("skin flows into skin without a step in depth") {
  const Material skin = {rgb(1, 1, 1), 0, true};
  const Ellipsoid left = {{-0.3F, 0, 0}, {0.5F, 0.5F, 0.5F}, skin};
  const Ellipsoid right = {{0.3F, 0, 0}, {0.5F, 0.5F, 0.5F}, skin};
  const auto fragments = draw({left, right}, kView);
  const Fragment& seam = fragments[32 * 64 + 32];
  // Half way between them both surfaces are 0.4 deep, and one alone would be creased there.
  REQUIRE(seam.point[2] > 0.42F);
  REQUIRE(std::abs(seam.normal[0]) < 0.2F);
}

}  // namespace
}  // namespace mobireg
