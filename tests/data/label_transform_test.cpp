// Labels move with the image: checked against drawn images, and by properties.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "data/geometry.h"
#include "data/warp.h"
#include "mobireg/core/rotation.h"

namespace mobireg {
namespace {

constexpr double kRadiansPerDegree = 0.017453292519943295;
constexpr double kPi = 3.14159265358979323846;
constexpr int kSize = 64;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Targets = std::vector<float>;

ModelConfig pose_model(Unit unit = Unit::kRadians) {
  ModelConfig model;
  model.outputs = {{"pitch", unit, OutputKind::kPitch},
                   {"yaw", unit, OutputKind::kYaw},
                   {"roll", unit, OutputKind::kRoll}};
  return model;
}

/// Outputs x0, y0, x1, y1, ...
ModelConfig points_model(int points, std::vector<int> mirror_map = {}) {
  ModelConfig model;
  model.outputs.clear();
  for (int i = 0; i < points; ++i) {
    model.outputs.push_back({"x" + std::to_string(i), Unit::kImage, OutputKind::kX});
    model.outputs.push_back({"y" + std::to_string(i), Unit::kImage, OutputKind::kY});
  }
  model.mirror_map = std::move(mirror_map);
  return model;
}

Targets moved(const ModelConfig& model, const Affine& to_source, Targets targets) {
  LabelTransform(model).apply(to_source, kSize, targets.data());
  return targets;
}

/// The map by which the image turns clockwise, as seen.
Affine clockwise(double degrees) {
  AugmentationParameters p;
  p.rotation = -degrees;
  return augmentation_affine(p, kSize);
}

Affine flipped(bool horizontal, bool vertical) {
  AugmentationParameters p;
  p.flip_horizontal = horizontal;
  p.flip_vertical = vertical;
  return augmentation_affine(p, kSize);
}

/// Rotation, shift and flips; the same zoom along both axes.
Affine random_similarity(Random& random) {
  AugmentationParameters p;
  p.rotation = random.uniform(-30, 30);
  p.x_shift = random.uniform(-3, 3);
  p.y_shift = random.uniform(-3, 3);
  p.x_zoom = p.y_zoom = random.uniform(0.9, 1.1);
  p.flip_horizontal = random.uniform() < 0.5;
  p.flip_vertical = random.uniform() < 0.5;
  return augmentation_affine(p, kSize);
}

Affine random_affine(Random& random) {
  AugmentationParameters p;
  p.shear = random.uniform(-15, 15);
  p.x_zoom = random.uniform(0.85, 1.15);
  p.y_zoom = random.uniform(0.85, 1.15);
  return compose(augmentation_affine(p, kSize), random_similarity(random));
}

Targets random_pose(Random& random) {
  const auto angle = [&] { return static_cast<float>(random.uniform(-0.9, 0.9)); };
  return {angle(), angle(), angle()};
}

Rotation rotation_of(const Targets& pose) {
  return rotation_from_pose({pose[0], pose[1], pose[2]});
}

void check_near(const Targets& a, const Targets& b, double margin = 1e-5) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("output " << i);
    CHECK(a[i] == Approx(b[i]).margin(margin));
  }
}

void check_same_rotation(const Rotation& a, const Rotation& b) {
  for (std::size_t i = 0; i < 9; ++i) CHECK(a[i] == Approx(b[i]).margin(2e-6));
}

struct Spot {
  double x;  // pixels
  double y;
};

/// A soft dot in each channel of a black image.
Image draw_dots(const std::vector<Spot>& spots) {
  const int channels = static_cast<int>(spots.size());
  Image image{kSize, kSize, channels, {}};
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      for (const Spot& spot : spots) {
        const double square = std::pow(x - spot.x, 2) + std::pow(y - spot.y, 2);
        image.pixels.push_back(static_cast<std::uint8_t>(255 * std::exp(-square / 8) + 0.5));
      }
    }
  }
  return image;
}

/// The centroid of each channel.
std::vector<Spot> find_dots(const std::vector<float>& pixels, int channels) {
  std::vector<Spot> sums(static_cast<std::size_t>(channels), Spot{0, 0});
  std::vector<double> weights(static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t channel = i % sums.size();
    const std::size_t pixel = i / sums.size();
    sums[channel].x += pixels[i] * static_cast<double>(pixel % kSize);
    sums[channel].y += pixels[i] * static_cast<double>(pixel / kSize);
    weights[channel] += pixels[i];
  }
  for (std::size_t c = 0; c < sums.size(); ++c) {
    sums[c].x /= weights[c];
    sums[c].y /= weights[c];
  }
  return sums;
}

std::vector<Spot> dots_after(const std::vector<Spot>& spots, const Affine& to_source) {
  const Image image = draw_dots(spots);
  std::vector<float> pixels(image.pixels.size());
  warp(image.view(), to_source, kSize, {FillMode::kConstant, 0, 1}, pixels.data());
  return find_dots(pixels, image.channels);
}

TEST_CASE("landmarks are found in the moved image where their labels say") {
  // The third point has no partner; the first two are swapped in a mirrored image.
  const ModelConfig model = points_model(3, {1, 0, 2});
  Random random(1);
  int mirrored = 0;
  for (int i = 0; i < 40; ++i) {
    std::vector<Spot> spots;
    Targets targets;
    for (int k = 0; k < 3; ++k) {
      spots.push_back({random.uniform(20, 43), random.uniform(20, 43)});
      targets.push_back(static_cast<float>((spots.back().x + 0.5) / kSize));
      targets.push_back(static_cast<float>((spots.back().y + 0.5) / kSize));
    }
    const Affine to_source = random_affine(random);
    const std::vector<Spot> found = dots_after(spots, to_source);
    const Targets labels = moved(model, to_source, targets);
    const bool swapped = to_source.determinant() < 0;
    mirrored += swapped ? 1 : 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t label = swapped && k < 2 ? 1 - k : k;
      INFO("image " << i << ", point " << k);
      CHECK(found[k].x == Approx(labels[2 * label] * kSize - 0.5).margin(0.05));
      CHECK(found[k].y == Approx(labels[2 * label + 1] * kSize - 0.5).margin(0.05));
    }
  }
  CHECK(mirrored > 10);
  CHECK(mirrored < 30);
}

/// Where the ends of a head's axes (its left, its top, its nose) are seen, 16 pixels long.
std::vector<Spot> axes_of(const Targets& pose) {
  const Rotation r = rotation_of(pose);
  std::vector<Spot> ends;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    ends.push_back({31.5 + 16 * r[axis], 31.5 - 16 * r[3 + axis]});
  }
  return ends;
}

TEST_CASE("a head's axes are seen in the turned or mirrored image where its labels say") {
  Random random(2);
  for (int i = 0; i < 40; ++i) {
    AugmentationParameters p;
    p.rotation = random.uniform(-180, 180);
    p.flip_horizontal = i % 2 != 0;
    p.flip_vertical = i % 4 >= 2;
    const Affine to_source = augmentation_affine(p, kSize);
    const Targets pose = random_pose(random);
    const std::vector<Spot> found = dots_after(axes_of(pose), to_source);
    std::vector<Spot> labelled = axes_of(moved(pose_model(), to_source, pose));
    // What was the right side of a head is the left side of the mirrored one.
    if (p.flip_horizontal != p.flip_vertical) {
      labelled[0] = {63 - labelled[0].x, 63 - labelled[0].y};
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      INFO("image " << i << ", axis " << axis);
      CHECK(found[axis].x == Approx(labelled[axis].x).margin(0.05));
      CHECK(found[axis].y == Approx(labelled[axis].y).margin(0.05));
    }
  }
}

TEST_CASE("turning the image by 10 degrees changes all three angles of an oblique pose") {
  const Targets pose{0.3F, 0.6F, -0.2F};
  const Targets turned = moved(pose_model(), clockwise(10), pose);
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(turned[i] - pose[i]) > 0.02F);

  const double c = std::cos(10 * kRadiansPerDegree), s = std::sin(10 * kRadiansPerDegree);
  const Rotation r = rotation_of(pose);
  Rotation expected = r;  // Rz R with Rz = [c s 0; -s c 0; 0 0 1]
  for (std::size_t k = 0; k < 3; ++k) {
    expected[k] = c * r[k] + s * r[3 + k];
    expected[3 + k] = -s * r[k] + c * r[3 + k];
  }
  check_same_rotation(rotation_of(turned), expected);
}

TEST_CASE("turning the image of a head that looks into the camera changes its roll alone") {
  const Targets turned = moved(pose_model(), clockwise(10), {0, 0, 0});
  check_near(turned, {0, 0, static_cast<float>(10 * kRadiansPerDegree)}, 1e-6);
}

TEST_CASE("the identity leaves every bit of the labels") {
  ModelConfig model = points_model(1);
  for (const OutputConfig& output : pose_model().outputs) model.outputs.push_back(output);
  const Targets targets{kNaN, -7.7F, 0.3F, 2.9F, kNaN};
  const Targets same = moved(model, {}, targets);
  CHECK(std::equal(targets.begin() + 1, targets.end() - 1, same.begin() + 1));
  CHECK(std::isnan(same.front()));
  CHECK(std::isnan(same.back()));
}

TEST_CASE("shifts and zooms, equal or not, leave every bit of the pose") {
  AugmentationParameters p;
  p.x_shift = 4.4;
  p.y_shift = -1.7;
  p.x_zoom = 0.85;
  p.y_zoom = 1.15;
  const Targets pose{0.3F, 0.6F, kNaN};
  const Targets same = moved(pose_model(), augmentation_affine(p, kSize), pose);
  CHECK(same[0] == pose[0]);
  CHECK(same[1] == pose[1]);
}

TEST_CASE("mirroring left and right negates yaw and roll; mirroring twice changes no bit") {
  const Affine mirror = flipped(true, false);
  const Targets pose{0.3F, 0.6F, -0.2F};
  const Targets once = moved(pose_model(), mirror, pose);
  CHECK(once == Targets{0.3F, -0.6F, 0.2F});
  CHECK(moved(pose_model(), mirror, once) == pose);

  const ModelConfig points = points_model(2, {1, 0});
  const Targets before{0.25F, 0.5F, 0.625F, 0.125F};
  const Targets after = moved(points, mirror, before);
  CHECK(after == Targets{0.375F, 0.125F, 0.75F, 0.5F});
  CHECK(moved(points, mirror, after) == before);
}

TEST_CASE("mirroring top and bottom twice gives the labels back") {
  const Affine mirror = flipped(false, true);
  const Targets pose{0.3F, 0.6F, -0.2F};
  check_near(moved(pose_model(), mirror, moved(pose_model(), mirror, pose)), pose);
}

TEST_CASE("without a mirror map points stay the points they were") {
  CHECK(moved(points_model(2), flipped(true, false), {0.25F, 0.5F, 0.625F, 0.125F}) ==
        Targets{0.75F, 0.5F, 0.375F, 0.125F});
}

TEST_CASE("mirroring negates the plain outputs that say so, and no others") {
  ModelConfig model;
  model.outputs = {{"gaze", Unit::kNone, OutputKind::kPlain, Mirror::kNegate},
                   {"smile", Unit::kNone, OutputKind::kPlain, Mirror::kKeep},
                   {"age", Unit::kNone, OutputKind::kPlain}};
  const Targets before{1.5F, 2.5F, 3.5F};
  CHECK(moved(model, flipped(true, false), before) == Targets{-1.5F, 2.5F, 3.5F});
  CHECK(moved(model, flipped(false, true), before) == Targets{-1.5F, 2.5F, 3.5F});
  CHECK(moved(model, flipped(true, true), before) == before);
  CHECK(moved(model, clockwise(20), before) == before);
}

TEST_CASE("both flips move labels as a rotation by 180 degrees does") {
  Random random(3);
  const ModelConfig points = points_model(2, {1, 0});
  for (int i = 0; i < 10; ++i) {
    const Targets pose = random_pose(random);
    check_same_rotation(rotation_of(moved(pose_model(), flipped(true, true), pose)),
                        rotation_of(moved(pose_model(), clockwise(180), pose)));
    const Targets spots{0.1F, 0.7F, 0.6F, 0.4F};
    check_near(moved(points, flipped(true, true), spots), moved(points, clockwise(180), spots));
  }
}

TEST_CASE("rotating there and back gives the labels back") {
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    const double degrees = random.uniform(-60, 60);
    const Targets pose = random_pose(random);
    check_near(
        moved(pose_model(), clockwise(-degrees), moved(pose_model(), clockwise(degrees), pose)),
        pose);
    const Targets spot{0.9F, 0.2F};
    check_near(moved(points_model(1), clockwise(-degrees),
                     moved(points_model(1), clockwise(degrees), spot)),
               spot);
  }
}

TEST_CASE("two movements give the labels that their composition gives") {
  Random random(5);
  const ModelConfig points = points_model(3, {1, 0, 2});
  for (int i = 0; i < 50; ++i) {
    const Affine first = random_affine(random);
    const Affine second = random_affine(random);
    // The image moved second is sampled by `second` first.
    const Targets spots{0.1F, 0.7F, 0.6F, 0.4F, 0.5F, 0.9F};
    check_near(moved(points, second, moved(points, first, spots)),
               moved(points, compose(first, second), spots));
  }
  // Pose: for movements without stretch. With it, the rotations nearest to two maps and to their
  // product differ by a little.
  for (int i = 0; i < 50; ++i) {
    const Affine first = random_similarity(random);
    const Affine second = random_similarity(random);
    const Targets pose = random_pose(random);
    check_same_rotation(rotation_of(moved(pose_model(), second, moved(pose_model(), first, pose))),
                        rotation_of(moved(pose_model(), compose(first, second), pose)));
  }
}

TEST_CASE("poses in degrees move as those in radians") {
  Random random(6);
  for (int i = 0; i < 20; ++i) {
    const Affine to_source = random_similarity(random);
    const Targets radians = random_pose(random);
    Targets degrees;
    for (const float angle : radians)
      degrees.push_back(static_cast<float>(angle / kRadiansPerDegree));
    const Targets expected = moved(pose_model(), to_source, radians);
    const Targets result = moved(pose_model(Unit::kDegrees), to_source, degrees);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(result[k] * kRadiansPerDegree == Approx(expected[k]).margin(1e-5));
    }
  }
}

TEST_CASE("each angle is in its own unit and place") {
  ModelConfig model;
  model.outputs = {{"roll", Unit::kDegrees, OutputKind::kRoll},
                   {"age", Unit::kNone, OutputKind::kPlain},
                   {"yaw", Unit::kRadians, OutputKind::kYaw},
                   {"pitch", Unit::kDegrees, OutputKind::kPitch}};
  const Targets plain = moved(pose_model(), clockwise(20), {0.2F, 0.5F, 0.1F});
  const auto degrees = [](float radians) {
    return static_cast<float>(radians / kRadiansPerDegree);
  };
  check_near(moved(model, clockwise(20), {degrees(0.1F), 33, 0.5F, degrees(0.2F)}),
             {degrees(plain[2]), 33, plain[1], degrees(plain[0])}, 1e-4);
}

TEST_CASE("angles change continuously while the image turns, but for whole turns") {
  for (const Targets& pose : {Targets{0.3F, 0.4F, 0.1F}, Targets{-0.5F, 1.2F, 0.4F},
                              Targets{0.4F, 1.9F, -0.3F}, Targets{0.2F, -1.8F, 0.2F}}) {
    Targets last = pose;
    for (double degrees = 0; degrees <= 40; degrees += 0.5) {
      const Targets turned = moved(pose_model(), clockwise(degrees), pose);
      for (std::size_t i = 0; i < 3; ++i) {
        INFO("yaw " << pose[1] << " turned by " << degrees << ", angle " << i);
        CHECK(std::abs(std::remainder(turned[i] - last[i], 2 * kPi)) < 0.1);
        CHECK(std::abs(turned[i]) <= kPi + 1e-6);
      }
      last = turned;
    }
  }
}

TEST_CASE("usual poses stay in the usual range") {
  Random random(8);
  for (int i = 0; i < 200; ++i) {
    const Targets turned =
        moved(pose_model(), clockwise(random.uniform(-10, 10)), random_pose(random));
    for (const float angle : turned) CHECK(std::abs(angle) < 1.6);
  }
}

TEST_CASE("a missing pitch or yaw makes a pose that turns missing, a missing roll only itself") {
  const Affine turn = clockwise(10);
  for (const std::size_t missing : {0, 1}) {
    Targets pose{0.3F, 0.6F, -0.2F};
    pose[missing] = kNaN;
    for (const float angle : moved(pose_model(), turn, pose)) CHECK(std::isnan(angle));
    const Targets mirrored = moved(pose_model(), flipped(true, false), pose);
    CHECK(std::isnan(mirrored[missing]));
    CHECK(mirrored[2] == 0.2F);
  }
  const Targets all = moved(pose_model(), turn, {0.3F, 0.6F, -0.2F});
  const Targets without_roll = moved(pose_model(), turn, {0.3F, 0.6F, kNaN});
  CHECK(without_roll[0] == Approx(all[0]));
  CHECK(without_roll[1] == Approx(all[1]));
  CHECK(std::isnan(without_roll[2]));
}

TEST_CASE("a missing point stays missing and moves no other") {
  const Targets result = moved(points_model(2), clockwise(10), {kNaN, 0.5F, 0.5F, 0.5F});
  CHECK(std::isnan(result[0]));
  CHECK(std::isnan(result[1]));
  CHECK(result[2] == Approx(0.5F));
  CHECK(result[3] == Approx(0.5F));
}

TEST_CASE("an incomplete pose stays as it is") {
  ModelConfig model = pose_model();
  model.outputs.pop_back();
  CHECK(moved(model, clockwise(10), {0.3F, 0.6F}) == Targets{0.3F, 0.6F});
}

TEST_CASE("coordinates of the whole image become those of the crop; other labels stay") {
  ModelConfig model = points_model(1);
  model.outputs.push_back({"yaw", Unit::kRadians, OutputKind::kYaw});
  const LabelTransform labels(model);
  // (100, 60) in an image of 200 x 100; the crop begins at (90, 40).
  Targets targets{0.5F, 0.6F, 0.7F};
  labels.to_crop(200, 100, {90, 40, 40}, targets.data());
  CHECK(targets[0] == Approx(0.25));
  CHECK(targets[1] == Approx(0.5));
  CHECK(targets[2] == 0.7F);
}

TEST_CASE("a crop that is the whole image leaves every bit") {
  const LabelTransform labels(points_model(1));
  for (const double side : {1.0, 97.0, 450.0}) {
    Targets targets{0.123F, 0.987F};
    labels.to_crop(side, side, {0, 0, side}, targets.data());
    CHECK(targets == Targets{0.123F, 0.987F});
  }
}

}  // namespace
}  // namespace mobireg
