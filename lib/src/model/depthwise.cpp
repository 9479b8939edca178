#include "model/depthwise.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "model/depthwise_kernels.h"

namespace mobireg {
namespace {

using torch::Tensor;
using Floats = std::vector<float>;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kTaskFloats = 32768;  // of y or dy: the least work that is worth a thread
constexpr std::int64_t kL1Floats = 8192;     // what rows of y taken together may read
constexpr std::int64_t kMaxBlocks = 32;      // of rows in the backward pass
constexpr std::int64_t kLeastBlockPixels = 128;

DepthwiseShape shape_of(const Tensor& x, int stride) {
  const auto out = [&](std::int64_t in) { return stride == 1 ? in : (in - 1) / 2; };
  return {x.size(1), x.size(2), x.size(3), out(x.size(2)), out(x.size(3)), stride};
}

/// (C, 1, 3, 3) as (3, 3, C), or turned by 180 degrees.
Floats channels_last_weight(const Tensor& weight, bool turned) {
  const Tensor dense = weight.contiguous();
  const float* from = dense.data_ptr<float>();
  const std::int64_t channels = weight.size(0);
  Floats values(static_cast<std::size_t>(9 * channels));
  for (std::int64_t k = 0; k < 9; ++k) {
    float* to = values.data() + (turned ? 8 - k : k) * channels;
    for (std::int64_t c = 0; c < channels; ++c) to[c] = from[9 * c + k];
  }
  return values;
}

/// All rows of y of a batch of images, in order, in pieces that lie within one image.
using RowRange = std::function<void(std::int64_t image, std::int64_t first, std::int64_t end)>;

/// Rows whose input stays in the L1 cache while the kernels go over it once per vector of channels.
std::int64_t rows_at_once(const DepthwiseShape& shape) {
  const std::int64_t row = shape.in_width * shape.channels;
  return std::max<std::int64_t>(1, (kL1Floats / row - 2) / shape.stride);
}

void for_row_ranges(const DepthwiseShape& shape, std::int64_t begin, std::int64_t end,
                    const RowRange& body) {
  const std::int64_t at_once = rows_at_once(shape);
  while (begin < end) {
    const std::int64_t image = begin / shape.out_height;
    const std::int64_t first = begin % shape.out_height;
    const std::int64_t last = std::min({shape.out_height, first + at_once, first + end - begin});
    body(image, first, last);
    begin += last - first;
  }
}

std::int64_t image_floats(const Tensor& x) { return x.numel() / x.size(0); }

Tensor forward_pass(const Tensor& x, const Tensor& weight, int stride) {
  const DepthwiseShape shape = shape_of(x, stride);
  const Tensor y = torch::empty({x.size(0), shape.channels, shape.out_height, shape.out_width},
                                x.options().memory_format(kChannelsLast));
  const Floats weights = channels_last_weight(weight, /*turned=*/false);
  const float* in = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  const std::int64_t x_floats = image_floats(x);
  const std::int64_t y_floats = image_floats(y);
  const std::int64_t grain =
      std::max<std::int64_t>(1, kTaskFloats / (shape.out_width * shape.channels));
  at::parallel_for(
      0, x.size(0) * shape.out_height, grain, [&](std::int64_t begin, std::int64_t end) {
        for_row_ranges(shape, begin, end,
                       [&](std::int64_t image, std::int64_t first, std::int64_t last) {
                         depthwise_forward(shape, in + image * x_floats, weights.data(), first,
                                           last, out + image * y_floats);
                       });
      });
  return y;
}

struct Gradients {
  Tensor x, weight;  // undefined where not asked for
};

/// Adds up in order what `partial` holds for each block, (blocks, 3, 3, C), as (C, 1, 3, 3).
Tensor sum_of_blocks(const Floats& partial, std::int64_t channels) {
  const auto sum_floats = static_cast<std::size_t>(9 * channels);
  std::vector<double> sums(sum_floats, 0.0);
  for (std::size_t block = 0; block < partial.size(); block += sum_floats) {
    for (std::size_t i = 0; i < sum_floats; ++i) sums[i] += partial[block + i];
  }
  const Tensor dw = torch::empty({channels, 1, 3, 3});
  float* out = dw.data_ptr<float>();
  for (std::int64_t k = 0; k < 9; ++k) {
    const double* from = sums.data() + k * channels;
    for (std::int64_t c = 0; c < channels; ++c) out[9 * c + k] = static_cast<float>(from[c]);
  }
  return dw;
}

/// Both gradients while a row of dy is in the cache. The weight's is summed over blocks of rows
/// that depend on the shape alone.
Gradients backward_pass(const Tensor& x, const Tensor& weight, const Tensor& dy, int stride,
                        bool for_x, bool for_weight) {
  const DepthwiseShape shape = shape_of(x, stride);
  const std::int64_t rows = x.size(0) * shape.out_height;
  const std::int64_t most =
      std::clamp<std::int64_t>(rows * shape.out_width / kLeastBlockPixels, 1, kMaxBlocks);
  const std::int64_t block_rows = (rows + most - 1) / most;
  const std::int64_t blocks = (rows + block_rows - 1) / block_rows;
  const std::int64_t sum_floats = 9 * shape.channels;
  Floats partial(static_cast<std::size_t>(for_weight ? blocks * sum_floats : 0), 0.0F);
  const Floats weights = channels_last_weight(weight, /*turned=*/stride == 1);
  Gradients gradients;
  if (for_x) gradients.x = torch::empty_like(x, kChannelsLast);
  const float* in = x.data_ptr<float>();
  const float* gradient = dy.data_ptr<float>();
  float* out = for_x ? gradients.x.data_ptr<float>() : nullptr;
  const std::int64_t x_floats = image_floats(x);
  const std::int64_t dy_floats = image_floats(dy);
  const auto add_rows = [&](std::int64_t image, std::int64_t first, std::int64_t end, float* sums) {
    const float* dy_image = gradient + image * dy_floats;
    if (for_weight) {
      depthwise_weight_gradient(shape, in + image * x_floats, dy_image, first, end, sums);
    }
    if (!for_x) return;
    float* dx_image = out + image * x_floats;
    if (stride == 1) {
      depthwise_forward(shape, dy_image, weights.data(), first, end, dx_image);
    } else {
      depthwise_stride2_input_gradient(shape, dy_image, weights.data(), first, end, dx_image);
    }
  };
  at::parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      float* sums = partial.data() + (for_weight ? block * sum_floats : 0);
      for_row_ranges(shape, block * block_rows, std::min(rows, (block + 1) * block_rows),
                     [&](std::int64_t image, std::int64_t first, std::int64_t last) {
                       add_rows(image, first, last, sums);
                     });
    }
  });
  if (for_weight) gradients.weight = sum_of_blocks(partial, shape.channels);
  return gradients;
}

struct DepthwiseConvolution : torch::autograd::Function<DepthwiseConvolution> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, int stride) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    return forward_pass(x, weight, stride);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list outputs) {
    const auto saved = context->get_saved_variables();
    const int stride = static_cast<int>(context->saved_data["stride"].toInt());
    const Tensor dy = outputs[0].contiguous(kChannelsLast);
    const Gradients gradients = backward_pass(
        saved[0], saved[1], dy, stride, context->needs_input_grad(0), context->needs_input_grad(1));
    return {gradients.x, gradients.weight, Tensor()};
  }
};

}  // namespace

bool takes_depthwise_convolution(const Tensor& x, const Tensor& weight, int stride) {
  const bool dense = x.device().is_cpu() && x.scalar_type() == torch::kFloat && x.dim() == 4 &&
                     x.numel() > 0 && x.is_contiguous(kChannelsLast);
  if (!dense || !weight.device().is_cpu() || weight.scalar_type() != torch::kFloat) return false;
  if (weight.sizes() != at::IntArrayRef{x.size(1), 1, 3, 3}) return false;
  return stride == 1 || (stride == 2 && x.size(2) >= 3 && x.size(3) >= 3);
}

Tensor depthwise_convolution(const Tensor& x, const Tensor& weight, int stride) {
  return DepthwiseConvolution::apply(x, weight, stride);
}

}  // namespace mobireg
