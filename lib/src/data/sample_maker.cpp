#include "data/sample_maker.h"

#include <ATen/ops/from_blob.h>

#include <cstring>

#include "augmentation/geometry.h"
#include "augmentation/pixel_operations.h"
#include "augmentation/warp.h"
#include "core/fail.h"
#include "data/image_store.h"

namespace mobireg {
namespace {

std::size_t values_of(const InputConfig& input) {
  return static_cast<std::size_t>(input.size) * static_cast<std::size_t>(input.size) *
         static_cast<std::size_t>(input.channels());
}

WarpOptions warp_options(const AugmentationConfig& augmentation) {
  return {augmentation.fill_mode, static_cast<float>(augmentation.cval),
          augmentation.interpolation_order};
}

}  // namespace

void DrawnSample::finish_colour() {
  change_colour(colour, sample.pixels.data(), sample.pixels.size());
  colour = {};
}

DrawnSample& SampleMaker::make(std::int64_t row, std::int64_t pass, std::int64_t position) {
  Random random(derive_seed(options_.seed, "augmentation"), static_cast<std::uint32_t>(pass),
                static_cast<std::uint64_t>(position));
  options_.augment ? augment(row, random) : take_plain(row);
  if (options_.preprocessing || !options_.save_to_dir.empty()) drawn_.finish_colour();
  if (options_.plain_view) take_plain_view(row);
  if (options_.preprocessing) preprocess(drawn_.sample.pixels);
  return drawn_;
}

const DrawnSample* SampleMaker::make_readable(std::int64_t row, std::int64_t pass,
                                              std::int64_t position) {
  if (!options_.skip_bad_images) return &make(row, pass, position);
  try {
    return &make(row, pass, position);
  } catch (const Error& error) {
    if (options_.warn) options_.warn(std::string("left out: ") + error.what());
    return nullptr;
  }
}

template <class Move>
void SampleMaker::take_targets(std::int64_t row, const Move& move) {
  drawn_.sample.targets = dataset_.row(row).targets;
  move(drawn_.sample.targets.data());
  if (!options_.teacher_targets.defined()) return;
  const std::int64_t outputs = options_.teacher_targets.size(1);
  const float* said = options_.teacher_targets.data_ptr<float>() + row * outputs;
  drawn_.sample.teacher_targets.assign(said, said + outputs);
  move(drawn_.sample.teacher_targets.data());
}

void SampleMaker::take_plain(std::int64_t row) {
  const Image image = dataset_.input_image(row);
  drawn_.sample.pixels.assign(image.pixels.begin(), image.pixels.end());
  drawn_.to_plain = {};
  take_targets(row, [&](float* targets) { dataset_.to_input(row, targets); });
}

void SampleMaker::take_plain_view(std::int64_t row) {
  const Image image = dataset_.input_image(row);
  drawn_.sample.plain_pixels.assign(image.pixels.begin(), image.pixels.end());
  if (options_.preprocessing) preprocess(drawn_.sample.plain_pixels);
}

void SampleMaker::augment(std::int64_t row, Random& random) {
  const AugmentationConfig& augmentation = options_.augmentation;
  const int size = dataset_.input().size;
  const Range margin = dataset_.crop_margin(row);
  const StoredImage stored = dataset_.image(row);
  const CropSquare crop = with_margin(
      stored.box, margin.low == margin.high ? margin.low : random.uniform(margin.low, margin.high));
  const auto parameters = draw_augmentation(augmentation, size, random);
  const Affine moved = augmentation_affine(parameters, size);
  const Affine cropped = crop_affine(crop, size, stored.square, stored.side);

  drawn_.sample.pixels.resize(values_of(dataset_.input()));
  warp(stored.view(), compose(cropped, moved), size, warp_options(augmentation),
       drawn_.sample.pixels.data());
  augment_values(parameters, random);

  const LabelTransform& labels = dataset_.labels();
  take_targets(row, [&](float* targets) {
    labels.to_crop(stored.width, stored.height, crop, targets);
    if (augmentation.labels == LabelRule::kFollow) labels.apply(moved, size, targets);
  });
  if (!options_.geometry) return;
  const CropSquare plain = with_margin(stored.box, middle(margin));
  drawn_.to_plain = compose(crop_affine(crop, size, plain, size), moved);
}

/// Where no step comes after the colour, it is left to whoever standardises the pixels.
void SampleMaker::augment_values(const AugmentationParameters& parameters, Random& random) {
  const AugmentationConfig& augmentation = options_.augmentation;
  std::vector<float>& pixels = drawn_.sample.pixels;
  std::optional<double> brightness;
  if (augmentation.brightness_range) brightness = parameters.brightness;
  drawn_.colour = colour_change(pixels.data(), pixels.size(), parameters.channel_shift, brightness);
  if (!draws_step(augmentation.steps, random)) return;
  drawn_.finish_colour();
  apply_steps(augmentation.steps, dataset_.input().size, dataset_.input().channels(), random,
              pixels.data());
}

void SampleMaker::preprocess(std::vector<float>& pixels) const {
  const InputConfig& input = dataset_.input();
  const std::vector<std::int64_t> shape{input.size, input.size, input.channels()};
  const at::Tensor image = at::from_blob(pixels.data(), shape).clone();
  const at::Tensor result = options_.preprocessing(image).to(at::kFloat).contiguous();
  if (result.sizes() != at::IntArrayRef(shape)) {
    fail("the preprocessing callback returned shape {}; it must keep {}", c10::str(result.sizes()),
         c10::str(at::IntArrayRef(shape)));
  }
  std::memcpy(pixels.data(), result.data_ptr<float>(), pixels.size() * sizeof(float));
}

}  // namespace mobireg
