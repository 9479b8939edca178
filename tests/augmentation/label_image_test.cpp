// Labels against images: what is drawn where the labels say is moved, found again, and must be
// where the moved labels say.

#include <cmath>
#include <vector>

#include "augmentation/geometry.h"
#include "augmentation/label_cases.h"
#include "augmentation/warp.h"

namespace mobireg {
namespace {

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

}  // namespace
}  // namespace mobireg
