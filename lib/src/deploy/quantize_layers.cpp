#include "deploy/quantize_layers.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace mobireg {
namespace {

const std::vector<std::int64_t> kNoPadding{0, 0};
const std::vector<std::int64_t> kNoDilation{1, 1};

constexpr std::int64_t kBins = 2048;
constexpr double kPercentileShare = 1e-4;  // of the values are beyond it

at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) {
  return torch::tensor(values).view(shape);
}

/// counts: of values in equal bins from 0 to `largest`.
double percentile(const double* counts, double largest) {
  double total = 0;
  for (std::int64_t i = 0; i < kBins; ++i) total += counts[i];
  double beyond = 0;
  std::int64_t bin = kBins;
  while (bin > 1 && beyond + counts[bin - 1] <= kPercentileShare * total) beyond += counts[--bin];
  return largest * static_cast<double>(bin) / kBins;
}

double rounding_error(const double* counts, double largest, double range, int levels) {
  const double scale = range / levels;
  double error = 0;
  for (std::int64_t i = 0; i < kBins; ++i) {
    const double x = (static_cast<double>(i) + 0.5) * largest / kBins;
    const double rounded = std::min<double>(std::nearbyint(x / scale), levels) * scale;
    error += counts[i] * (x - rounded) * (x - rounded);
  }
  return error;
}

double least_error_range(const double* counts, double largest, int levels) {
  double best = largest;
  double least = rounding_error(counts, largest, largest, levels);
  for (int percent = 99; percent >= 30; --percent) {
    const double range = largest * percent / 100;
    const double error = rounding_error(counts, largest, range, levels);
    if (error >= least) continue;
    least = error;
    best = range;
  }
  return best;
}

}  // namespace

at::Tensor weight_of(const ConvolutionLayer& layer) {
  return tensor_of(layer.weight, {layer.out_channels, layer.in_channels / layer.groups,
                                  layer.kernel, layer.kernel});
}

at::Tensor weight_of(const DenseLayer& layer) {
  return tensor_of(layer.weight, {layer.outputs, layer.inputs});
}

at::Tensor apply_weight(const ConvolutionLayer& layer, const at::Tensor& weight,
                        const at::Tensor& x) {
  const at::Tensor padded =
      layer.pad_end == 0 ? x
                         : torch::constant_pad_nd(
                               x, {layer.pad_begin, layer.pad_end, layer.pad_begin, layer.pad_end});
  const std::vector<std::int64_t> strides(2, layer.stride);
  return torch::conv2d(padded, weight, {}, strides, kNoPadding, kNoDilation, layer.groups);
}

at::Tensor apply_weight(const DenseLayer&, const at::Tensor& weight, const at::Tensor& x) {
  return torch::linear(x, weight);
}

at::Tensor activate(const ConvolutionLayer&, const at::Tensor& y) { return y.clamp(0, 6); }

at::Tensor activate(const DenseLayer& layer, const at::Tensor& y) {
  return layer.relu ? torch::relu(y) : y;
}

at::Tensor a_channel(const at::Tensor& values, const at::Tensor& x) {
  return x.dim() == 4 ? values.view({1, -1, 1, 1}) : values.view({1, -1});
}

at::Tensor channel_means(const at::Tensor& x) {
  return x.dim() == 4 ? x.mean({0, 2, 3}) : x.mean(0);
}

std::vector<float> to_vector(const at::Tensor& values) {
  const at::Tensor flat = values.to(torch::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

at::Tensor normalized(const Network& network, const at::Tensor& images) {
  const InputNormalization& normalization = network.normalization;
  if (normalization.mean.empty()) return images.contiguous();
  return (images - tensor_of(normalization.mean, {1, -1, 1, 1})) /
         tensor_of(normalization.scale, {1, -1, 1, 1});
}

at::Tensor round_to(const at::Tensor& x, const at::Tensor& scale, int lowest, int highest) {
  return (x / scale).round_().clamp_(lowest, highest).mul_(scale);
}

double find_range(const at::Tensor& x, RangeMethod method, int levels) {
  const at::Tensor size = x.abs();
  const double largest = size.max().item<double>();
  if (largest == 0) return 1;  // any will do
  if (method == RangeMethod::kMinMax) return largest;
  const at::Tensor counts = torch::histc(size, kBins, 0, largest).to(torch::kDouble);
  const double* data = counts.data_ptr<double>();
  return method == RangeMethod::kPercentile ? percentile(data, largest)
                                            : least_error_range(data, largest, levels);
}

}  // namespace mobireg
