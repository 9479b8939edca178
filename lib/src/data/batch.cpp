#include "mobireg/data/batch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>

#include "core/fail.h"
#include "mobireg/core/random.h"
#include "mobireg/data/augmentation.h"

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

}  // namespace

void normalize(const std::vector<float>& pixels, const InputConfig& input, float* out) {
  const auto channels = static_cast<std::size_t>(input.channels());
  std::vector<float> mean(input.mean.begin(), input.mean.end());
  std::vector<float> scale(input.scale.begin(), input.scale.end());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    out[i] = (pixels[i] - mean[i % channels]) / scale[i % channels];
  }
}

BatchSource::BatchSource(const ImageRegressionDataset& dataset, BatchOptions options)
    : dataset_(dataset), options_(std::move(options)) {}

std::int64_t BatchSource::batches_per_pass() const {
  const std::int64_t full = dataset_.size() / options_.batch_size;
  const std::int64_t rest = dataset_.size() % options_.batch_size;
  return rest == 0 || (rest == 1 && full > 0) ? full : full + 1;
}

BatchSource::Order BatchSource::order_of_pass(std::int64_t pass) const {
  const std::lock_guard lock(mutex_);
  if (cached_order_.first != pass) {
    Random random(derive_seed(options_.seed, "shuffle"), static_cast<std::uint32_t>(pass));
    auto order = permutation(dataset_.size(), random);
    cached_order_ = {pass, std::make_shared<const std::vector<std::int64_t>>(std::move(order))};
  }
  return cached_order_.second;
}

void BatchSource::write_image(std::int64_t row, std::int64_t pass, std::int64_t position,
                              float* out) const {
  const auto image = dataset_.image(row);
  Random random(derive_seed(options_.seed, "augmentation"), static_cast<std::uint32_t>(pass),
                static_cast<std::uint64_t>(position));
  const auto parameters = draw_augmentation(options_.augmentation, image->width, random);
  std::vector<float> pixels = augment(*image, parameters);
  if (options_.preprocessing) {
    pixels = preprocessed(options_.preprocessing, std::move(pixels), dataset_.input());
  }
  normalize(pixels, dataset_.input(), out);
}

Batch BatchSource::get(std::int64_t step) const {
  const std::int64_t pass = step / batches_per_pass();
  const std::int64_t in_pass = step % batches_per_pass();
  const std::int64_t begin = in_pass * options_.batch_size;
  const std::int64_t end =
      in_pass + 1 == batches_per_pass() ? dataset_.size() : begin + options_.batch_size;
  const Order order = options_.shuffle ? order_of_pass(pass) : nullptr;
  const InputConfig& input = dataset_.input();
  const std::int64_t outputs = static_cast<std::int64_t>(dataset_.row(0).targets.size());

  Batch batch;
  batch.images =
      at::empty({end - begin, input.channels(), input.size, input.size},
                at::TensorOptions(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  batch.targets = at::empty({end - begin, outputs}, at::kFloat);
  const std::int64_t stride = std::int64_t{input.size} * input.size * input.channels();
  for (std::int64_t position = begin; position < end; ++position) {
    const std::int64_t row = order ? (*order)[static_cast<std::size_t>(position)] : position;
    const std::int64_t slot = position - begin;
    write_image(row, pass, position, batch.images.data_ptr<float>() + slot * stride);
    const std::vector<float>& targets = dataset_.row(row).targets;
    std::copy(targets.begin(), targets.end(), batch.targets.data_ptr<float>() + slot * outputs);
    batch.rows.push_back(row);
  }
  return batch;
}

}  // namespace mobireg
