#include "model/depthwise.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>

#include <algorithm>
#include <vector>

#include "model/depthwise_kernels.h"

namespace mobireg {
namespace {

using torch::Tensor;
using Floats = std::vector<float>;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kTaskFloats = 32768;  // of y or dy: the least work that is worth a thread
constexpr std::int64_t kMaxBlocks = 32;      // of rows in the backward pass
constexpr std::int64_t kLeastBlockPixels = 128;
constexpr std::int64_t kVectorChannels = 8;  // the kernels take what is left one by one

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
  const auto make_rows = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t image = row / shape.out_height;
      depthwise_forward_row(shape, in + image * x_floats, weights.data(), row % shape.out_height,
                            out + image * y_floats);
    }
  };
  at::parallel_for(0, x.size(0) * shape.out_height, grain, make_rows);
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

/// The rows of dy of a batch in blocks that depend on the shape alone: the unit of summation.
struct RowBlocks {
  std::int64_t rows, block_rows, count;

  RowBlocks(const DepthwiseShape& shape, std::int64_t images) : rows(images * shape.out_height) {
    const std::int64_t most =
        std::clamp<std::int64_t>(rows * shape.out_width / kLeastBlockPixels, 1, kMaxBlocks);
    block_rows = (rows + most - 1) / most;
    count = (rows + block_rows - 1) / block_rows;
  }
};

/// What the backward pass reads and writes.
struct Backward {
  DepthwiseShape shape;
  std::int64_t x_floats, dy_floats;  // of an image
  const float* x;
  const float* dy;
  const float* weight;
  float* dx;  // null where not asked for

  /// Adds row `row` of the batch's dy to the weight's gradient (sums may be null), and makes the
  /// part of dx that begins there while dy is in the cache.
  void run(std::int64_t row, float* sums) const {
    const std::int64_t image = row / shape.out_height;
    const std::int64_t i = row % shape.out_height;
    const float* dy_image = dy + image * dy_floats;
    if (sums != nullptr) {
      depthwise_weight_gradient_row(shape, x + image * x_floats, dy_image, i, sums);
    }
    if (dx == nullptr) return;
    float* dx_image = dx + image * x_floats;
    if (shape.stride == 1) return depthwise_forward_row(shape, dy_image, weight, i, dx_image);
    depthwise_stride2_input_gradient_row(shape, dy_image, weight, i, dx_image);
    if (i + 1 < shape.out_height) return;
    depthwise_stride2_input_gradient_row(shape, dy_image, weight, i + 1, dx_image);
  }
};

Gradients backward_pass(const Tensor& x, const Tensor& weight, const Tensor& dy, int stride,
                        bool for_x, bool for_weight) {
  const DepthwiseShape shape = shape_of(x, stride);
  const RowBlocks blocks(shape, x.size(0));
  const Floats weights = channels_last_weight(weight, /*turned=*/stride == 1);
  Gradients gradients;
  if (for_x) gradients.x = torch::empty_like(x, kChannelsLast);
  const std::int64_t sum_floats = for_weight ? 9 * shape.channels : 0;
  Floats partial(static_cast<std::size_t>(blocks.count * sum_floats), 0.0F);
  const Backward backward{shape,
                          image_floats(x),
                          image_floats(dy),
                          x.data_ptr<float>(),
                          dy.data_ptr<float>(),
                          weights.data(),
                          for_x ? gradients.x.data_ptr<float>() : nullptr};
  at::parallel_for(0, blocks.count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      float* sums = for_weight ? partial.data() + block * sum_floats : nullptr;
      const std::int64_t last = std::min(blocks.rows, (block + 1) * blocks.block_rows);
      for (std::int64_t row = block * blocks.block_rows; row < last; ++row) backward.run(row, sums);
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
  if (stride != 1 && (stride != 2 || x.size(2) < 3 || x.size(3) < 3)) return false;
  const bool tiny = x.size(2) <= 2 && x.size(3) <= 2;  // LibTorch's weight gradient is slow there
  return tiny || x.size(1) % kVectorChannels == 0;
}

Tensor depthwise_convolution(const Tensor& x, const Tensor& weight, int stride) {
  return DepthwiseConvolution::apply(x, weight, stride);
}

}  // namespace mobireg
