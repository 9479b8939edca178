#include "data/batch_writer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

BatchWriter::BatchWriter(const ImageRegressionDataset& dataset, const Standardizer& standardizer,
                         std::int64_t capacity, const BatchOptions& options)
    : dataset_(dataset), standardizer_(standardizer) {
  const InputConfig& input = dataset.input();
  const auto outputs = static_cast<std::int64_t>(dataset.row(0).targets.size());
  batch_.images =
      at::empty({capacity, input.channels(), input.size, input.size},
                at::TensorOptions(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  batch_.targets = at::zeros({capacity, outputs}, at::kFloat);
  batch_.present = at::ones({capacity, outputs}, at::kFloat);
  batch_.weights = at::ones({capacity}, at::kFloat);
  batch_.rows.assign(static_cast<std::size_t>(capacity), -1);
  if (options.teacher_targets.defined()) batch_.teacher_targets = at::empty_like(batch_.targets);
  if (options.plain_view) batch_.plain_images = at::empty_like(batch_.images);
  if (options.geometry) batch_.geometry = at::empty({capacity, 6}, at::kDouble);
}

void BatchWriter::write(std::int64_t slot, std::int64_t row, const Sample& sample,
                        const ColourChange& colour) {
  const auto values = static_cast<std::int64_t>(sample.pixels.size());
  standardizer_.apply(sample.pixels.data(), batch_.images.data_ptr<float>() + slot * values,
                      colour);
  const std::int64_t outputs = batch_.targets.size(1);
  for (std::int64_t k = 0; k < outputs; ++k) {
    const float target = sample.targets[static_cast<std::size_t>(k)];
    const bool is_missing = std::isnan(target);
    batch_.targets.data_ptr<float>()[slot * outputs + k] = is_missing ? 0 : target;
    batch_.present.data_ptr<float>()[slot * outputs + k] = is_missing ? 0 : 1;
  }
  if (batch_.teacher_targets.defined()) {
    std::copy(sample.teacher_targets.begin(), sample.teacher_targets.end(),
              batch_.teacher_targets.data_ptr<float>() + slot * outputs);
  }
  batch_.weights.data_ptr<float>()[slot] = dataset_.row(row).weight;
  batch_.rows[static_cast<std::size_t>(slot)] = row;
}

void BatchWriter::write(std::int64_t slot, std::int64_t row, const DrawnSample& drawn) {
  write(slot, row, drawn.sample, drawn.colour);
  if (batch_.plain_images.defined()) {
    const std::vector<float>& plain = drawn.sample.plain_pixels;
    standardizer_.apply(plain.data(), batch_.plain_images.data_ptr<float>() +
                                          slot * static_cast<std::int64_t>(plain.size()));
  }
  if (!batch_.geometry.defined()) return;
  const Affine& m = drawn.to_plain;
  const std::array<double, 6> numbers{m.xx, m.xy, m.x0, m.yx, m.yy, m.y0};
  std::copy(numbers.begin(), numbers.end(), batch_.geometry.data_ptr<double>() + slot * 6);
}

Batch BatchWriter::finish() {
  std::vector<std::int64_t> written;
  for (std::size_t slot = 0; slot < batch_.rows.size(); ++slot) {
    if (batch_.rows[slot] >= 0) written.push_back(static_cast<std::int64_t>(slot));
  }
  if (written.empty()) fail("none of a batch's {} images can be read", batch_.rows.size());
  if (written.size() < batch_.rows.size()) {
    const at::Tensor slots = at::tensor(written);
    for (at::Tensor* tensor : {&batch_.images, &batch_.targets, &batch_.present, &batch_.weights,
                               &batch_.teacher_targets, &batch_.plain_images, &batch_.geometry}) {
      if (tensor->defined()) *tensor = tensor->index_select(0, slots);
    }
    for (at::Tensor* images : {&batch_.images, &batch_.plain_images}) {
      if (images->defined()) *images = images->contiguous(at::MemoryFormat::ChannelsLast);
    }
    std::vector<std::int64_t> rows;
    for (const std::int64_t slot : written) {
      rows.push_back(batch_.rows[static_cast<std::size_t>(slot)]);
    }
    batch_.rows = std::move(rows);
  }
  const auto all_one = [](const at::Tensor& tensor) {
    const float* values = tensor.data_ptr<float>();
    return std::all_of(values, values + tensor.numel(), [](float value) { return value == 1; });
  };
  if (all_one(batch_.present)) batch_.present = at::Tensor();
  if (all_one(batch_.weights)) batch_.weights = at::Tensor();
  return std::move(batch_);
}

}  // namespace mobireg
