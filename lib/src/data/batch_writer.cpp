#include "data/batch_writer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>

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
  batch_.targets = at::empty({capacity, outputs}, at::kFloat);
}

void BatchWriter::add(std::int64_t row, const Sample& sample) {
  const auto slot = static_cast<std::int64_t>(batch_.rows.size());
  const auto values = static_cast<std::int64_t>(sample.pixels.size());
  standardizer_.apply(sample.pixels.data(), batch_.images.data_ptr<float>() + slot * values);
  const std::int64_t outputs = batch_.targets.size(1);
  float* targets = batch_.targets.data_ptr<float>() + slot * outputs;
  for (std::int64_t k = 0; k < outputs; ++k) {
    const float target = sample.targets[static_cast<std::size_t>(k)];
    targets[k] = std::isnan(target) ? 0 : target;
    if (!std::isnan(target)) continue;
    if (!batch_.present.defined()) batch_.present = at::ones(batch_.targets.sizes(), at::kFloat);
    batch_.present.data_ptr<float>()[slot * outputs + k] = 0;
  }
  const float weight = dataset_.row(row).weight;
  if (weight != 1 && !batch_.weights.defined()) {
    batch_.weights = at::ones({batch_.targets.size(0)}, at::kFloat);
  }
  if (batch_.weights.defined()) batch_.weights.data_ptr<float>()[slot] = weight;
  batch_.rows.push_back(row);
}

Batch BatchWriter::finish() {
  const auto count = static_cast<std::int64_t>(batch_.rows.size());
  if (count == 0) fail("none of a batch's {} images can be read", batch_.targets.size(0));
  for (at::Tensor* tensor : {&batch_.images, &batch_.targets, &batch_.present, &batch_.weights}) {
    if (tensor->defined()) *tensor = tensor->narrow(0, 0, count);
  }
  return std::move(batch_);
}

}  // namespace mobireg
