#include <algorithm>
#include <cmath>
#include <vector>

#include "augmentation/geometry.h"
#include "augmentation/label_cases.h"

namespace mobireg {
namespace {

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

TEST_CASE("coordinates brought from a crop to the whole image and back are the same") {
  const LabelTransform labels(points_model(1));
  const CropSquare crop{90, 40, 37};
  Targets targets{0.25F, 0.6F};
  labels.from_crop(200, 100, crop, targets.data());
  CHECK(targets[0] == Approx((90 + 0.25 * 37) / 200));
  CHECK(targets[1] == Approx((40 + 0.6 * 37) / 100));
  labels.to_crop(200, 100, crop, targets.data());
  CHECK(targets[0] == Approx(0.25));
  CHECK(targets[1] == Approx(0.6));
}

TEST_CASE("labels tell which geometry they follow") {
  const auto follows = [](const ModelConfig& model) {
    const LabelTransform labels(model);
    return std::make_pair(labels.follows_mirroring(), labels.follows_rotation());
  };
  ModelConfig half_pose = pose_model();
  half_pose.outputs.pop_back();
  ModelConfig plain;
  plain.outputs = {{"age", Unit::kNone, OutputKind::kPlain}};
  ModelConfig told = plain;
  told.outputs[0].mirror = Mirror::kKeep;
  CHECK(follows(pose_model()) == std::make_pair(true, true));
  CHECK(follows(half_pose) == std::make_pair(false, false));
  CHECK(follows(points_model(2)) == std::make_pair(false, true));
  CHECK(follows(points_model(2, {1, 0})) == std::make_pair(true, true));
  CHECK(follows(plain) == std::make_pair(false, true));
  CHECK(follows(told) == std::make_pair(true, true));
}

}  // namespace
}  // namespace mobireg
