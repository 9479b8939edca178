#include "mobireg/data/batch.h"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>

#include "augmentation/colour.h"
#include "augmentation/geometry.h"
#include "augmentation/pixel_operations.h"
#include "augmentation/warp.h"
#include "core/fail.h"
#include "data/batch_writer.h"
#include "data/draw_order.h"
#include "data/image_store.h"
#include "data/save_sample.h"
#include "mobireg/augmentation/augmentation.h"
#include "mobireg/core/random.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {
namespace {

std::vector<float> preprocessed(const ImageCallback& callback, std::vector<float> pixels,
                                const InputConfig& input) {
  const std::vector<std::int64_t> shape{input.size, input.size, input.channels()};
  const at::Tensor image = at::from_blob(pixels.data(), shape).clone();
  const at::Tensor result = callback(image).to(at::kFloat).contiguous();
  if (result.sizes() != at::IntArrayRef(shape)) {
    fail("the preprocessing callback returned shape {}; it must keep {}", c10::str(result.sizes()),
         c10::str(at::IntArrayRef(shape)));
  }
  std::memcpy(pixels.data(), result.data_ptr<float>(), pixels.size() * sizeof(float));
  return pixels;
}

std::size_t values_of(const InputConfig& input) {
  return static_cast<std::size_t>(input.size) * static_cast<std::size_t>(input.size) *
         static_cast<std::size_t>(input.channels());
}

WarpOptions warp_options(const AugmentationConfig& augmentation) {
  return {augmentation.fill_mode, static_cast<float>(augmentation.cval),
          augmentation.interpolation_order};
}

std::vector<double> draw_weights_of(const ImageRegressionDataset& dataset, const ModelConfig& model,
                                    const BalanceConfig& balance) {
  if (balance.output.empty()) return {};
  std::size_t output = 0;
  while (model.outputs.at(output).name != balance.output) ++output;
  std::vector<float> values;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    values.push_back(dataset.row(i).targets[output]);
  }
  return balanced_weights(values, balance);
}

}  // namespace

BatchSource::BatchSource(const ImageRegressionDataset& dataset, const ModelConfig& model,
                         std::shared_ptr<const Standardizer> standardizer, BatchOptions options)
    : dataset_(dataset),
      options_(std::move(options)),
      standardizer_(std::move(standardizer)),
      draw_weights_(draw_weights_of(dataset, model, options_.balance)) {}

std::int64_t BatchSource::batches_per_pass() const {
  const std::int64_t full = dataset_.size() / options_.batch_size;
  const std::int64_t rest = dataset_.size() % options_.batch_size;
  return rest == 0 || (rest == 1 && full > 0) ? full : full + 1;
}

BatchSource::Order BatchSource::order_of_pass(std::int64_t pass) const {
  const std::lock_guard lock(mutex_);
  if (cached_order_.first != pass) {
    Random random(derive_seed(options_.seed, "shuffle"), static_cast<std::uint32_t>(pass));
    auto order = draw_weights_.empty() ? permutation(dataset_.size(), random)
                                       : weighted_order(draw_weights_, random);
    cached_order_ = {pass, std::make_shared<const std::vector<std::int64_t>>(std::move(order))};
  }
  return cached_order_.second;
}

Sample BatchSource::plain_sample(std::int64_t row) const {
  const Image image = dataset_.input_image(row);
  return {{image.pixels.begin(), image.pixels.end()}, dataset_.input_targets(row)};
}

Sample BatchSource::augmented_sample(std::int64_t row, Random& random) const {
  const AugmentationConfig& augmentation = options_.augmentation;
  const InputConfig& input = dataset_.input();
  const Range margin = dataset_.crop_margin(row);
  const StoredImage stored = dataset_.image(row);
  const CropSquare crop = with_margin(
      stored.box, margin.low == margin.high ? margin.low : random.uniform(margin.low, margin.high));
  const auto parameters = draw_augmentation(augmentation, input.size, random);
  const Affine moved = augmentation_affine(parameters, input.size);
  const Affine cropped = crop_affine(crop, input.size, stored.square, stored.side);

  Sample sample{std::vector<float>(values_of(input)), dataset_.row(row).targets};
  float* pixels = sample.pixels.data();
  warp(stored.view(), compose(cropped, moved), input.size, warp_options(augmentation), pixels);
  if (parameters.channel_shift != 0) {
    shift_channels(pixels, sample.pixels.size(), parameters.channel_shift);
  }
  if (augmentation.brightness_range) {
    scale_brightness(pixels, sample.pixels.size(), parameters.brightness);
  }
  apply_steps(augmentation.steps, input.size, input.channels(), random, pixels);

  const LabelTransform& labels = dataset_.labels();
  labels.to_crop(stored.width, stored.height, crop, sample.targets.data());
  if (augmentation.labels == LabelRule::kFollow) {
    labels.apply(moved, input.size, sample.targets.data());
  }
  return sample;
}

Sample BatchSource::sample(std::int64_t row, std::int64_t pass, std::int64_t position) const {
  Random random(derive_seed(options_.seed, "augmentation"), static_cast<std::uint32_t>(pass),
                static_cast<std::uint64_t>(position));
  Sample sample = options_.augment ? augmented_sample(row, random) : plain_sample(row);
  if (options_.preprocessing) {
    sample.pixels =
        preprocessed(options_.preprocessing, std::move(sample.pixels), dataset_.input());
  }
  return sample;
}

std::optional<Sample> BatchSource::readable_sample(std::int64_t row, std::int64_t pass,
                                                   std::int64_t position) const {
  if (!options_.skip_bad_images) return sample(row, pass, position);
  try {
    return sample(row, pass, position);
  } catch (const Error& error) {
    if (options_.warn) options_.warn(std::string("left out: ") + error.what());
    return std::nullopt;
  }
}

Batch BatchSource::get(std::int64_t step, bool in_parallel) const {
  const std::int64_t pass = step / batches_per_pass();
  const std::int64_t in_pass = step % batches_per_pass();
  const std::int64_t begin = in_pass * options_.batch_size;
  const std::int64_t end =
      in_pass + 1 == batches_per_pass() ? dataset_.size() : begin + options_.batch_size;
  const bool in_order = !options_.shuffle && draw_weights_.empty();
  const Order order = in_order ? nullptr : order_of_pass(pass);
  BatchWriter writer(dataset_, *standardizer_, end - begin);
  const auto make = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t position = from; position < to; ++position) {
      const std::int64_t row = order ? (*order)[static_cast<std::size_t>(position)] : position;
      const auto sample = readable_sample(row, pass, position);
      if (!sample) continue;
      writer.write(position - begin, row, *sample);
      if (!options_.save_to_dir.empty()) save(*sample, pass, position);
    }
  };
  if (in_parallel) {
    at::parallel_for(begin, end, 1, make);
  } else {
    make(begin, end);
  }
  return writer.finish();
}

void BatchSource::save(const Sample& sample, std::int64_t pass, std::int64_t position) const {
  const auto name = fmt::format("{}{}_{}.png", options_.save_prefix, pass, position);
  save_sample(sample, dataset_.input(), options_.save_to_dir / name);
}

}  // namespace mobireg
