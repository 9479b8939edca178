#include "model/layer_statistics.h"

#include <torch/types.h>

#include <cmath>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

using Doubles = std::vector<double>;

/// Merges one block, (3, channels) of `rows` rows, into the mean and the sum of squared deviations
/// of the `before` rows before it.
MOBIREG_CPU_CLONES
void merge_block(const float* block, double rows, double before, std::int64_t channels,
                 double* __restrict mean, double* __restrict deviations) {
  const float* shift = block;
  const float* sum = block + channels;
  const float* square = block + 2 * channels;
  const double share = rows / (before + rows);
  const double inverse = 1 / rows;
  for (std::int64_t c = 0; c < channels; ++c) {
    const double off = sum[c] * inverse;
    const double distance = shift[c] + off - mean[c];
    mean[c] += distance * share;
    deviations[c] += square[c] - off * sum[c] + distance * distance * before * share;
  }
}

MOBIREG_CPU_CLONES
void add_block(const float* block, std::int64_t channels, double* __restrict sum,
               double* __restrict product) {
  for (std::int64_t c = 0; c < channels; ++c) {
    sum[c] += block[c];
    product[c] += block[channels + c];
  }
}

Doubles values_of(const at::Tensor& tensor) {
  const at::Tensor exact = tensor.detach().to(torch::kDouble).contiguous();
  return {exact.data_ptr<double>(), exact.data_ptr<double>() + exact.numel()};
}

void update_running(at::Tensor running, const Doubles& batch, double momentum) {
  float* values = running.data_ptr<float>();
  for (std::size_t c = 0; c < batch.size(); ++c) {
    values[c] = static_cast<float>((1 - momentum) * values[c] + momentum * batch[c]);
  }
}

/// Fills what follows from mean and variance.
void finish(LayerStatistics& statistics, const Doubles& variance,
            const torch::nn::BatchNorm2dImpl& norm) {
  const Doubles weight = values_of(norm.weight);
  const Doubles bias = values_of(norm.bias);
  for (std::size_t c = 0; c < variance.size(); ++c) {
    const double inverse = 1 / std::sqrt(variance[c] + norm.options.eps());
    const double scale = weight[c] * inverse;
    statistics.inverse_deviation.push_back(inverse);
    statistics.scale.push_back(static_cast<float>(scale));
    statistics.offset.push_back(static_cast<float>(bias[c] - statistics.mean[c] * scale));
    statistics.mean_float.push_back(static_cast<float>(statistics.mean[c]));
  }
}

}  // namespace

LayerStatistics batch_statistics(const std::vector<float>& blocks,
                                 const std::vector<std::int64_t>& rows,
                                 const torch::nn::BatchNorm2dImpl& norm) {
  const std::int64_t channels = norm.weight.numel();
  Doubles mean(static_cast<std::size_t>(channels), 0.0);
  Doubles variance(mean.size(), 0.0);
  double count = 0;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    const auto block_rows = static_cast<double>(rows[b]);
    merge_block(blocks.data() + b * 3 * mean.size(), block_rows, count, channels, mean.data(),
                variance.data());
    count += block_rows;
  }
  Doubles unbiased;
  for (double& value : variance) {
    if (value < 0) value = 0;  // a NaN stays one
    unbiased.push_back(value / (count - 1));
    value /= count;
  }
  const double momentum = *norm.options.momentum();
  update_running(norm.running_mean, mean, momentum);
  update_running(norm.running_var, unbiased, momentum);
  LayerStatistics statistics;
  statistics.of_batch = true;
  statistics.mean = std::move(mean);
  finish(statistics, variance, norm);
  return statistics;
}

LayerStatistics running_statistics(const torch::nn::BatchNorm2dImpl& norm) {
  LayerStatistics statistics;
  statistics.mean = values_of(norm.running_mean);
  finish(statistics, values_of(norm.running_var), norm);
  return statistics;
}

LayerGradients layer_gradients(const std::vector<float>& blocks, std::int64_t rows,
                               const LayerStatistics& statistics) {
  const std::size_t channels = statistics.mean.size();
  Doubles sum(channels, 0.0);
  Doubles product(channels, 0.0);
  for (std::size_t at = 0; at < blocks.size(); at += 2 * channels) {
    add_block(blocks.data() + at, static_cast<std::int64_t>(channels), sum.data(), product.data());
  }
  LayerGradients gradients{std::vector<float>(channels, 0.0F), std::vector<float>(channels, 0.0F),
                           torch::empty({static_cast<std::int64_t>(channels)}),
                           torch::empty({static_cast<std::int64_t>(channels)})};
  const auto count = static_cast<double>(rows);
  for (std::size_t c = 0; c < channels; ++c) {
    const double inverse = statistics.inverse_deviation[c];
    gradients.weight.data_ptr<float>()[c] = static_cast<float>(product[c] * inverse);
    gradients.bias.data_ptr<float>()[c] = static_cast<float>(sum[c]);
    if (!statistics.of_batch) continue;  // constant statistics pass no gradient on
    const double scale = statistics.scale[c];
    const double slope = scale * product[c] * inverse * inverse / count;
    gradients.slope[c] = static_cast<float>(-slope);
    gradients.constant[c] = static_cast<float>(slope * statistics.mean[c] - scale * sum[c] / count);
  }
  return gradients;
}

}  // namespace mobireg
