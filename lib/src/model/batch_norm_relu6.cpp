#include "model/batch_norm_relu6.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "model/batch_norm_kernels.h"

namespace mobireg {
namespace {

using torch::Tensor;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kBlockFloats = 32768;  // an L1's worth: what one task reads
constexpr std::int64_t kLanes = 64;           // floats the inner loops like to run over

/// How the kernels walk over an activation: image rows of `width` pixels. Narrow layers are taken
/// `repeat` pixels at a time, with their coefficients repeated, so that loops stay long. Blocks of
/// rows are the unit of work and of summation; they depend on the shape alone.
struct Walk {
  std::int64_t rows, width, channels, repeat, block_rows;

  explicit Walk(const Tensor& x)
      : rows(x.size(0) * x.size(2)), width(x.size(3)), channels(x.size(1)), repeat(1) {
    while (channels * repeat < kLanes && width % (2 * repeat) == 0) repeat *= 2;
    block_rows = std::max<std::int64_t>(1, kBlockFloats / (width * channels));
  }

  std::int64_t lanes() const { return channels * repeat; }
  std::int64_t blocks() const { return (rows + block_rows - 1) / block_rows; }
  std::int64_t row_floats() const { return width * channels; }
  std::int64_t count() const { return rows * width; }

  template <class Number>
  Floats repeated(const std::vector<Number>& values) const {
    Floats wide;
    for (std::int64_t r = 0; r < repeat; ++r) wide.insert(wide.end(), values.begin(), values.end());
    return wide;
  }

  /// Calls body(first row, one past the last, block) for each block, in parallel.
  void for_blocks(const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& body) const {
    at::parallel_for(0, blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t block = begin; block < end; ++block) {
        body(block * block_rows, std::min(rows, (block + 1) * block_rows), block);
      }
    });
  }
};

/// Two sums a channel, added up block by block in double.
struct ChannelSums {
  Doubles first, second;
};

/// `add(first row, one past the last, sums, other sums)` fills one block's lanes.
ChannelSums sum_blocks(const Walk& walk,
                       const std::function<void(std::int64_t, std::int64_t, float*, float*)>& add) {
  const auto lanes = static_cast<std::size_t>(walk.lanes());
  Floats partial(static_cast<std::size_t>(walk.blocks()) * 2 * lanes, 0.0F);
  walk.for_blocks([&](std::int64_t begin, std::int64_t end, std::int64_t block) {
    float* sums = partial.data() + static_cast<std::size_t>(block) * 2 * lanes;
    add(begin, end, sums, sums + lanes);
  });
  const auto channels = static_cast<std::size_t>(walk.channels);
  ChannelSums total{Doubles(channels, 0.0), Doubles(channels, 0.0)};
  for (std::size_t i = 0; i < partial.size(); i += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      total.first[lane % channels] += partial[i + lane];
      total.second[lane % channels] += partial[i + lanes + lane];
    }
  }
  return total;
}

/// (x - mean) / deviation of each channel.
struct Statistics {
  Doubles mean, inverse_deviation;
};

Doubles values_of(const Tensor& tensor) {
  const Tensor exact = tensor.detach().to(torch::kDouble).contiguous();
  return {exact.data_ptr<double>(), exact.data_ptr<double>() + exact.numel()};
}

void update_running(Tensor running, const Doubles& batch, double momentum) {
  float* values = running.data_ptr<float>();
  for (std::size_t c = 0; c < batch.size(); ++c) {
    values[c] = static_cast<float>((1 - momentum) * values[c] + momentum * batch[c]);
  }
}

Statistics batch_statistics(const Tensor& x, const torch::nn::BatchNorm2dImpl& norm) {
  const Walk walk(x);
  const float* data = x.data_ptr<float>();
  const Floats first_pixel(data, data + walk.channels);
  const Floats shift = walk.repeated(first_pixel);
  const ChannelSums sums =
      sum_blocks(walk, [&](std::int64_t begin, std::int64_t end, float* sum, float* square) {
        batch_norm_sums(data + begin * walk.row_floats(), (end - begin) * walk.width / walk.repeat,
                        walk.lanes(), shift.data(), sum, square);
      });
  const auto count = static_cast<double>(walk.count());
  Statistics statistics;
  Doubles unbiased;
  for (std::size_t c = 0; c < first_pixel.size(); ++c) {
    const double mean = sums.first[c] / count;  // of x - shift
    const double variance = std::max(0.0, sums.second[c] / count - mean * mean);
    statistics.mean.push_back(mean + first_pixel[c]);
    statistics.inverse_deviation.push_back(1 / std::sqrt(variance + norm.options.eps()));
    unbiased.push_back(variance * count / (count - 1));
  }
  const double momentum = *norm.options.momentum();
  update_running(norm.running_mean, statistics.mean, momentum);
  update_running(norm.running_var, unbiased, momentum);
  return statistics;
}

Statistics running_statistics(const torch::nn::BatchNorm2dImpl& norm) {
  Statistics statistics{values_of(norm.running_mean), values_of(norm.running_var)};
  for (double& value : statistics.inverse_deviation) {
    value = 1 / std::sqrt(value + norm.options.eps());
  }
  return statistics;
}

/// clamp(x * scale + offset, 0, 6), with zeros at the bottom and the right.
Tensor forward_pass(const Tensor& x, const Doubles& scale, const Doubles& offset, int pad_end) {
  const Walk walk(x);
  const Tensor y = torch::empty({x.size(0), x.size(1), x.size(2) + pad_end, x.size(3) + pad_end},
                                x.options().memory_format(kChannelsLast));
  const Floats wide_scale = walk.repeated(scale);
  const Floats wide_offset = walk.repeated(offset);
  const float* in = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  const std::int64_t height = x.size(2);
  const std::int64_t out_row = (walk.width + pad_end) * walk.channels;
  walk.for_blocks([&](std::int64_t begin, std::int64_t end, std::int64_t) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* target = out + (row / height * (height + pad_end) + row % height) * out_row;
      batch_norm_relu6_forward(in + row * walk.row_floats(), target, walk.width / walk.repeat,
                               walk.lanes(), wide_scale.data(), wide_offset.data());
      if (pad_end == 0) continue;
      std::fill(target + walk.row_floats(), target + out_row, 0.0F);
      if (row % height == height - 1) std::fill(target + out_row, target + 2 * out_row, 0.0F);
    }
  });
  return y;
}

struct Gradients {
  Tensor x, weight, bias;
};

Gradients backward_pass(const Tensor& x, const Tensor& dy, const Doubles& scale,
                        const Doubles& offset, const Statistics& statistics, bool training) {
  const Walk walk(x);
  const Floats wide_scale = walk.repeated(scale);
  const Floats wide_offset = walk.repeated(offset);
  const Floats wide_mean = walk.repeated(statistics.mean);
  const float* in = x.data_ptr<float>();
  const float* gradient = dy.data_ptr<float>();
  const std::int64_t height = x.size(2);
  const std::int64_t dy_row = dy.size(3) * walk.channels;
  const auto gradient_row = [&](std::int64_t row) {
    return gradient + (row / height * dy.size(2) + row % height) * dy_row;
  };
  const ChannelSums sums =
      sum_blocks(walk, [&](std::int64_t begin, std::int64_t end, float* sum, float* product) {
        for (std::int64_t row = begin; row < end; ++row) {
          batch_norm_relu6_backward_sums(in + row * walk.row_floats(), gradient_row(row),
                                         walk.width / walk.repeat, walk.lanes(), wide_scale.data(),
                                         wide_offset.data(), wide_mean.data(), sum, product);
        }
      });
  const auto count = static_cast<double>(walk.count());
  Gradients gradients{torch::empty_like(x, kChannelsLast), torch::empty({walk.channels}),
                      torch::empty({walk.channels})};
  Doubles constant(scale.size(), 0.0);
  Doubles slope(scale.size(), 0.0);
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double inverse = statistics.inverse_deviation[c];
    gradients.weight.data_ptr<float>()[c] = static_cast<float>(sums.second[c] * inverse);
    gradients.bias.data_ptr<float>()[c] = static_cast<float>(sums.first[c]);
    if (!training) continue;  // constant statistics pass no gradient on
    constant[c] = scale[c] * sums.first[c] / count;
    slope[c] = scale[c] * sums.second[c] * inverse * inverse / count;
  }
  const Floats wide_constant = walk.repeated(constant);
  const Floats wide_slope = walk.repeated(slope);
  float* out = gradients.x.data_ptr<float>();
  walk.for_blocks([&](std::int64_t begin, std::int64_t end, std::int64_t) {
    for (std::int64_t row = begin; row < end; ++row) {
      batch_norm_relu6_backward(in + row * walk.row_floats(), gradient_row(row),
                                out + row * walk.row_floats(), walk.width / walk.repeat,
                                walk.lanes(), wide_scale.data(), wide_offset.data(),
                                wide_mean.data(), wide_constant.data(), wide_slope.data());
    }
  });
  return gradients;
}

Tensor to_tensor(const Doubles& values) { return torch::tensor(values, torch::kDouble); }

struct BatchNormRelu6 : torch::autograd::Function<BatchNormRelu6> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const Tensor& bias,
                        const torch::nn::BatchNorm2dImpl& norm, int pad_end) {
    const bool training = norm.is_training();
    const Statistics statistics = training ? batch_statistics(x, norm) : running_statistics(norm);
    Doubles scale = values_of(weight);
    Doubles offset = values_of(bias);
    for (std::size_t c = 0; c < scale.size(); ++c) {
      scale[c] *= statistics.inverse_deviation[c];
      offset[c] -= statistics.mean[c] * scale[c];
    }
    context->save_for_backward({x, to_tensor(scale), to_tensor(offset), to_tensor(statistics.mean),
                                to_tensor(statistics.inverse_deviation)});
    context->saved_data["training"] = training;
    return forward_pass(x, scale, offset, pad_end);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list outputs) {
    const auto saved = context->get_saved_variables();
    const Tensor dy = outputs[0].contiguous(kChannelsLast);
    const Gradients gradients = backward_pass(
        saved[0], dy, values_of(saved[1]), values_of(saved[2]),
        {values_of(saved[3]), values_of(saved[4])}, context->saved_data["training"].toBool());
    return {gradients.x, gradients.weight, gradients.bias, Tensor(), Tensor()};
  }
};

}  // namespace

bool takes_batch_norm_relu6(const Tensor& x) {
  const bool dense = x.device().is_cpu() && x.scalar_type() == torch::kFloat && x.dim() == 4 &&
                     x.is_contiguous(kChannelsLast);
  return dense && x.numel() > x.size(1);  // a variance needs two values
}

Tensor batch_norm_relu6(const Tensor& x, const torch::nn::BatchNorm2d& norm, int pad_end) {
  return BatchNormRelu6::apply(x, norm->weight, norm->bias, *norm, pad_end);
}

}  // namespace mobireg
