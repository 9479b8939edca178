#include "data/batch_writer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "mobireg/data/standardizer.h"

namespace mobireg {

BatchWriter::BatchWriter(const ImageRegressionDataset& dataset, const Standardizer& standardizer,
                         std::int64_t capacity)
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
  batch_.weights.data_ptr<float>()[slot] = dataset_.row(row).weight;
  batch_.rows[static_cast<std::size_t>(slot)] = row;
}

Batch BatchWriter::finish() {
  std::vector<std::int64_t> written;
  for (std::size_t slot = 0; slot < batch_.rows.size(); ++slot) {
    if (batch_.rows[slot] >= 0) written.push_back(static_cast<std::int64_t>(slot));
  }
  if (written.empty()) fail("none of a batch's {} images can be read", batch_.rows.size());
  if (written.size() < batch_.rows.size()) {
    const at::Tensor slots = at::tensor(written);
    for (at::Tensor* tensor : {&batch_.images, &batch_.targets, &batch_.present, &batch_.weights}) {
      *tensor = tensor->index_select(0, slots);
    }
    batch_.images = batch_.images.contiguous(at::MemoryFormat::ChannelsLast);
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
