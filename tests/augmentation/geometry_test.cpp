#include "augmentation/geometry.h"

#include <cmath>

#include "mobireg/core/error.h"

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;

void check_equal(const Affine& a, const Affine& b) {
  const auto near = [](double expected) { return Approx(expected).margin(1e-12); };
  CHECK(a.xx == near(b.xx));
  CHECK(a.xy == near(b.xy));
  CHECK(a.x0 == near(b.x0));
  CHECK(a.yx == near(b.yx));
  CHECK(a.yy == near(b.yy));
  CHECK(a.y0 == near(b.y0));
}

Affine random_affine(Random& random) {
  const auto number = [&] { return random.uniform(-2, 2); };
  return {number(), number(), number(), number(), number(), number()};
}

AugmentationParameters drawn(const AugmentationConfig& config, std::uint64_t index) {
  Random random(7, 0, index);
  return draw_augmentation(config, 64, random);
}

AugmentationConfig recipe() {
  AugmentationConfig config;
  config.rotation_range = 10;
  config.width_shift_range = ShiftRange::uniform(0.1);
  config.height_shift_range = ShiftRange::uniform(0.1);
  config.shear_range = 0.1;
  config.zoom_range = {0.85, 1.15};
  return config;
}

/// The ratio of the singular values, from the eigenvalues of M^T M.
double stretch_of(const Affine& m) {
  const double a = m.xx * m.xx + m.yx * m.yx;
  const double b = m.xx * m.xy + m.yx * m.yy;
  const double d = m.xy * m.xy + m.yy * m.yy;
  const double mean = (a + d) / 2;
  const double root = std::hypot((a - d) / 2, b);
  return std::sqrt((mean + root) / (mean - root));
}

TEST_CASE("a composition is the inner map, then the outer one") {
  Random random(1);
  for (int i = 0; i < 20; ++i) {
    const Affine outer = random_affine(random);
    const Affine inner = random_affine(random);
    const Affine both = compose(outer, inner);
    CHECK(both.x(3, -5) == Approx(outer.x(inner.x(3, -5), inner.y(3, -5))));
    CHECK(both.y(3, -5) == Approx(outer.y(inner.x(3, -5), inner.y(3, -5))));
  }
}

TEST_CASE("a map after its inverse, and before it, changes nothing") {
  Random random(2);
  for (int i = 0; i < 20; ++i) {
    const Affine m = random_affine(random);
    check_equal(compose(m, inverse(m)), {});
    check_equal(compose(inverse(m), m), {});
  }
}

TEST_CASE("a singular map has no inverse") {
  CHECK_THROWS_WITH(inverse({1, 2, 0, 2, 4, 0}),
                    "the affine map [1 2; 2 4] is singular; it has no inverse");
  CHECK_THROWS_AS(inverse({0, 0, 1, 0, 0, 1}), Error);
}

TEST_CASE("whole maps are those between pixel centres") {
  CHECK(is_whole({}));
  CHECK(is_whole({-1, 0, 63, 0, 1, -2}));
  CHECK(is_whole({0, 1, 0, -1, 0, 5}));
  CHECK_FALSE(is_whole({1, 0, 0.5, 0, 1, 0}));
  CHECK_FALSE(is_whole({1, 0, 0, 1e-12, 1, 0}));
}

/// Sum of squares of the difference of a map's 2x2 part and an orientation.
double distance(const Affine& m, const Orientation& o) {
  const double c = std::cos(o.angle), s = std::sin(o.angle);
  const double sign = o.mirrored ? -1 : 1;
  const double xx = m.xx - sign * c, xy = m.xy + s, yx = m.yx - sign * s, yy = m.yy - c;
  return xx * xx + xy * xy + yx * yx + yy * yy;
}

TEST_CASE("no orientation is nearer to a map than the nearest one") {
  Random random(3);
  int mirrored = 0;
  for (int i = 0; i < 50; ++i) {
    const Affine m = random_affine(random);
    const Orientation nearest = nearest_orientation(m);
    mirrored += nearest.mirrored ? 1 : 0;
    CHECK(nearest.mirrored == (m.determinant() < 0));
    for (double angle = -3.14; angle < 3.14; angle += 0.02) {
      const Orientation other{nearest.mirrored, angle};
      CHECK(distance(m, nearest) <= distance(m, other));
    }
  }
  CHECK(mirrored > 10);
  CHECK(mirrored < 40);
}

TEST_CASE("a rotation's orientation is its angle, clockwise as seen") {
  // (1, 0) goes to (cos, sin): downwards, as y points down.
  const double angle = 30 * kRadiansPerDegree;
  const Affine clockwise{std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0};
  CHECK(nearest_orientation(clockwise).angle == Approx(angle));
  CHECK_FALSE(nearest_orientation(clockwise).mirrored);
}

TEST_CASE("no parameters, no movement") { CHECK(augmentation_affine({}, 64) == Affine{}); }

TEST_CASE("the centre stays under rotation, shear, zoom and flips") {
  AugmentationParameters p;
  p.rotation = 33;
  p.shear = 12;
  p.x_zoom = 0.7;
  p.y_zoom = 1.4;
  p.flip_horizontal = p.flip_vertical = true;
  const Affine m = augmentation_affine(p, 64);
  CHECK(m.x(31.5, 31.5) == Approx(31.5));
  CHECK(m.y(31.5, 31.5) == Approx(31.5));
}

TEST_CASE("positive parameters move the content as their comments say") {
  AugmentationParameters p;
  p.x_shift = 3;
  p.y_shift = 5;
  const Affine shift = augmentation_affine(p, 64);
  CHECK(shift.x(10, 10) == 13);  // what is seen at 10 was at 13
  CHECK(shift.y(10, 10) == 15);

  AugmentationParameters turn;
  turn.rotation = 10;
  CHECK(nearest_orientation(inverse(augmentation_affine(turn, 64))).angle ==
        Approx(-10 * kRadiansPerDegree));

  AugmentationParameters zoom;
  zoom.x_zoom = 0.5;
  CHECK(inverse(augmentation_affine(zoom, 64)).xx == Approx(2));

  AugmentationParameters flip;
  flip.flip_horizontal = true;
  CHECK(augmentation_affine(flip, 64) == Affine{-1, 0, 63, 0, 1, 0});
  flip.flip_horizontal = false;
  flip.flip_vertical = true;
  CHECK(augmentation_affine(flip, 64) == Affine{1, 0, 0, 0, -1, 63});
}

TEST_CASE("a stored image that is the crop itself is taken as it is, whatever its place") {
  for (const int size : {32, 64, 96, 224}) {
    for (const double side : {1.0, 13.7, 64.0, 301.0 / 3.0}) {
      const CropSquare square{-3.3, 1e3 / 7.0, side};
      CHECK(crop_affine(square, size, square, size) == Affine{});
    }
  }
}

TEST_CASE("a crop's edges lie where they lie in the stored image") {
  // The stored 100 pixels are 50 units wide, from 10 on: 2 pixels a unit.
  const Affine m = crop_affine({20, 15, 32}, 64, {10, 5, 50}, 100);
  // Pixel edges are half a pixel before the first centre and after the last one.
  CHECK(m.x(-0.5, 0) == Approx(20 - 0.5));
  CHECK(m.x(63.5, 0) == Approx(84 - 0.5));
  CHECK(m.y(0, -0.5) == Approx(20 - 0.5));
  CHECK(m.xy == 0);
  CHECK(m.yx == 0);
}

TEST_CASE("no draw stretches more than the largest stretch, and some nearly do") {
  AugmentationConfig sheared = recipe();
  sheared.shear_range = 25;
  sheared.zoom_range = {0.8, 1.1};
  for (const AugmentationConfig& config : {recipe(), sheared}) {
    const double limit = largest_stretch(config);
    double largest = 1;
    for (std::uint64_t i = 0; i < 20000; ++i) {
      const double stretch = stretch_of(augmentation_affine(drawn(config, i), 64));
      CHECK(stretch <= limit * (1 + 1e-9));
      largest = std::max(largest, stretch);
    }
    CHECK(largest > 1 + 0.95 * (limit - 1));
  }
}

TEST_CASE("the recipe's stretch is within the limit, none is one, and a wide zoom is beyond") {
  CHECK(largest_stretch({}) == 1);
  CHECK(largest_stretch(recipe()) == Approx(1.15 / 0.85).epsilon(1e-4));
  CHECK(largest_stretch(recipe()) < kLargestStretch);
  AugmentationConfig wide;
  wide.zoom_range = {0.8, 1.2};
  CHECK(largest_stretch(wide) <= kLargestStretch);
  wide.zoom_range = {0.7, 1.3};
  CHECK(largest_stretch(wide) > kLargestStretch);
  wide.zoom_together = true;
  CHECK(largest_stretch(wide) == 1);
  AugmentationConfig sheared;
  sheared.shear_range = 30;
  CHECK(largest_stretch(sheared) > kLargestStretch);
}

}  // namespace
}  // namespace mobireg
