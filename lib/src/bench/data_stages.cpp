#include "augmentation/colour.h"
#include "augmentation/geometry.h"
#include "augmentation/pixel_operations.h"
#include "augmentation/warp.h"
#include "data/image_store.h"
#include "mobireg/bench/data_bench.h"
#include "mobireg/core/random.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

constexpr std::int64_t kImagesATime = 64;

/// What augmentation does, stage after stage, to some images at a time: between two stages they are
/// kept, so that each stage can be timed by itself.
class StagedImages {
 public:
  StagedImages(const ImageRegressionDataset& dataset, const AugmentationConfig& augmentation)
      : dataset_(dataset),
        augmentation_(augmentation),
        size_(dataset.input().size),
        channels_(dataset.input().channels()),
        pixels_(kImagesATime, std::vector<float>(static_cast<std::size_t>(size_ * size_) *
                                                 static_cast<std::size_t>(channels_))),
        standardized_(pixels_),
        images_(kImagesATime) {}

  void next() { ++pass_; }

  void decode(std::int64_t slot) { at(images_, slot) = dataset_.image(row(slot)); }

  void warp(std::int64_t slot) {
    Random random = random_of(slot, "geometry");
    const StoredImage& stored = at(images_, slot);
    const CropSquare crop = with_margin(stored.box, middle(dataset_.crop_margin(row(slot))));
    const auto parameters = draw_augmentation(augmentation_, size_, random);
    const Affine to_source = compose(crop_affine(crop, size_, stored.square, stored.side),
                                     augmentation_affine(parameters, size_));
    mobireg::warp(stored.view(), to_source, size_,
                  {augmentation_.fill_mode, static_cast<float>(augmentation_.cval),
                   augmentation_.interpolation_order},
                  at(pixels_, slot).data());
  }

  void colour(std::int64_t slot) {
    Random random = random_of(slot, "colour");
    const auto parameters = draw_augmentation(augmentation_, size_, random);
    std::vector<float>& pixels = at(pixels_, slot);
    if (parameters.channel_shift != 0) {
      shift_channels(pixels.data(), pixels.size(), parameters.channel_shift);
    }
    if (augmentation_.brightness_range) {
      scale_brightness(pixels.data(), pixels.size(), parameters.brightness);
    }
    apply_steps(augmentation_.steps, size_, channels_, random, pixels.data());
  }

  void standardize(std::int64_t slot, const Standardizer& standardizer) {
    standardizer.apply(at(pixels_, slot).data(), at(standardized_, slot).data());
  }

 private:
  template <class T>
  static T& at(std::vector<T>& values, std::int64_t slot) {
    return values[static_cast<std::size_t>(slot)];
  }
  std::int64_t row(std::int64_t slot) const {
    return (pass_ * kImagesATime + slot) % dataset_.size();
  }
  Random random_of(std::int64_t slot, std::string_view purpose) const {
    return Random(derive_seed(1, purpose), static_cast<std::uint32_t>(pass_),
                  static_cast<std::uint64_t>(slot));
  }

  const ImageRegressionDataset& dataset_;
  const AugmentationConfig& augmentation_;
  int size_;
  int channels_;
  std::int64_t pass_ = 0;
  std::vector<std::vector<float>> pixels_;
  std::vector<std::vector<float>> standardized_;
  std::vector<StoredImage> images_;
};

/// Microseconds that one stage of all the images takes.
template <class Stage>
double microseconds(const Stage& stage) {
  const Timing timing = time_for(0, 1, [&] {
    for (std::int64_t slot = 0; slot < kImagesATime; ++slot) stage(slot);
    return kImagesATime;
  });
  return 1e6 * timing.seconds;
}

}  // namespace

DataStages DataBench::stages(double seconds) const {
  StagedImages images(datasets_.train, config_.augmentation);
  DataStages stages;
  const Timing timing = time_for(seconds, 1, [&] {
    stages.decode += microseconds([&](std::int64_t slot) { images.decode(slot); });
    stages.warp += microseconds([&](std::int64_t slot) { images.warp(slot); });
    stages.colour += microseconds([&](std::int64_t slot) { images.colour(slot); });
    stages.standardize +=
        microseconds([&](std::int64_t slot) { images.standardize(slot, *standardizer_); });
    images.next();
    return kImagesATime;
  });
  for (double* stage : {&stages.decode, &stages.warp, &stages.colour, &stages.standardize}) {
    *stage /= static_cast<double>(timing.count);
  }
  return stages;
}

}  // namespace mobireg
