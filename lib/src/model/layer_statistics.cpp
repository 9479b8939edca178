#include "model/layer_statistics.h"

#include <algorithm>
#include <cmath>

#include "core/cpu_dispatch.h"

namespace mobireg {
namespace {

/// Merges one block of `rows` rows into the mean and the sum of squared deviations of the `before`
/// rows before it. stride: from the block's shift to its sum, and to its square.
MOBIREG_CPU_CLONES
void merge_block(const float* block, std::int64_t stride, double rows, double before,
                 std::int64_t channels, double* __restrict mean, double* __restrict deviations) {
  const float* shift = block;
  const float* sum = block + stride;
  const float* square = block + 2 * stride;
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
void add_block(const float* block, std::int64_t stride, std::int64_t channels,
               double* __restrict sum, double* __restrict product) {
  for (std::int64_t c = 0; c < channels; ++c) {
    sum[c] += block[c];
    product[c] += block[stride + c];
  }
}

void update_running(float& running, double batch, double momentum) {
  running = static_cast<float>((1 - momentum) * running + momentum * batch);
}

/// Fills what follows from mean and variance, which `inverse_deviation` holds.
void finish(const Normalization& norm, const ChannelRange& channels, LayerStatistics& statistics) {
  const float* weight = norm.weight.data_ptr<float>();
  const float* bias = norm.bias.data_ptr<float>();
  for (auto c = static_cast<std::size_t>(channels.begin);
       c < static_cast<std::size_t>(channels.end); ++c) {
    const double mean = statistics.mean[c];
    const double inverse = 1 / std::sqrt(statistics.inverse_deviation[c] + norm.epsilon);
    const double scale = weight[c] * inverse;
    statistics.inverse_deviation[c] = inverse;
    statistics.scale[c] = static_cast<float>(scale);
    statistics.offset[c] = static_cast<float>(bias[c] - mean * scale);
    statistics.mean_float[c] = static_cast<float>(mean);
  }
}

template <class Value>
std::vector<Value> values(std::int64_t channels) {
  return std::vector<Value>(static_cast<std::size_t>(channels), Value{0});
}

}  // namespace

Normalization::Normalization(const torch::nn::BatchNorm2dImpl& module)
    : weight(module.weight.detach().to(torch::kFloat).contiguous()),
      bias(module.bias.detach().to(torch::kFloat).contiguous()),
      running_mean(module.running_mean),
      running_var(module.running_var),
      epsilon(module.options.eps()),
      momentum(*module.options.momentum()),
      training(module.is_training()) {}

LayerStatistics::LayerStatistics(std::int64_t channels)
    : mean(values<double>(channels)),
      inverse_deviation(values<double>(channels)),
      scale(values<float>(channels)),
      offset(values<float>(channels)),
      mean_float(values<float>(channels)) {}

void batch_statistics(const BlockSums& blocks, const Normalization& norm,
                      const ChannelRange& channels, LayerStatistics& statistics) {
  double* mean = statistics.mean.data();
  double* variance = statistics.inverse_deviation.data();
  const std::int64_t begin = channels.begin;
  const float* block = blocks.values + begin;
  for (std::int64_t row = 0; row < blocks.rows; row += blocks.block_rows) {
    const std::int64_t rows = std::min(blocks.block_rows, blocks.rows - row);
    merge_block(block, blocks.channels, static_cast<double>(rows), static_cast<double>(row),
                channels.end - begin, mean + begin, variance + begin);
    block += 3 * blocks.channels;
  }
  const auto count = static_cast<double>(blocks.rows);
  auto* running_mean = norm.running_mean.data_ptr<float>();
  auto* running_var = norm.running_var.data_ptr<float>();
  for (std::int64_t c = begin; c < channels.end; ++c) {
    if (variance[c] < 0) variance[c] = 0;  // a NaN stays one
    update_running(running_mean[c], mean[c], norm.momentum);
    update_running(running_var[c], variance[c] / (count - 1), norm.momentum);
    variance[c] /= count;
  }
  finish(norm, channels, statistics);
}

void running_statistics(const Normalization& norm, const ChannelRange& channels,
                        LayerStatistics& statistics) {
  const float* mean = norm.running_mean.data_ptr<float>();
  const float* variance = norm.running_var.data_ptr<float>();
  std::copy(mean + channels.begin, mean + channels.end, statistics.mean.data() + channels.begin);
  std::copy(variance + channels.begin, variance + channels.end,
            statistics.inverse_deviation.data() + channels.begin);
  finish(norm, channels, statistics);
}

LayerGradients::LayerGradients(std::int64_t channels)
    : sum(values<double>(channels)),
      product(values<double>(channels)),
      slope(values<float>(channels)),
      constant(values<float>(channels)),
      weight(torch::empty({channels})),
      bias(torch::empty({channels})) {}

void layer_gradients(const BlockSums& blocks, const LayerStatistics& statistics,
                     const ChannelRange& channels, LayerGradients& gradients) {
  const float* block = blocks.values + channels.begin;
  for (std::int64_t row = 0; row < blocks.rows; row += blocks.block_rows) {
    add_block(block, blocks.channels, channels.end - channels.begin,
              gradients.sum.data() + channels.begin, gradients.product.data() + channels.begin);
    block += 2 * blocks.channels;
  }
  auto* weight = gradients.weight.data_ptr<float>();
  auto* bias = gradients.bias.data_ptr<float>();
  const auto count = static_cast<double>(blocks.rows);
  for (auto c = static_cast<std::size_t>(channels.begin);
       c < static_cast<std::size_t>(channels.end); ++c) {
    const double inverse = statistics.inverse_deviation[c];
    weight[c] = static_cast<float>(gradients.product[c] * inverse);
    bias[c] = static_cast<float>(gradients.sum[c]);
    if (!statistics.of_batch) continue;  // constant statistics pass no gradient on
    const double scale = statistics.scale[c];
    const double slope = scale * gradients.product[c] * inverse * inverse / count;
    gradients.slope[c] = static_cast<float>(-slope);
    gradients.constant[c] =
        static_cast<float>(slope * statistics.mean[c] - scale * gradients.sum[c] / count);
  }
}

}  // namespace mobireg
