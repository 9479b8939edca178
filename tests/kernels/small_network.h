#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernel_test.h"

namespace mobireg {

inline constexpr std::int64_t kImages = 2;
inline constexpr std::int64_t kSide = 16;  // of images
inline constexpr std::int64_t kNarrow = 19;
inline constexpr std::int64_t kWide = 40;
inline constexpr std::int64_t kMiddle =
    kImages * (kSide / 2) * (kSide / 2);            // pixels after the first
inline constexpr std::int64_t kLast = kMiddle / 4;  // and after the second layer

/// A layer's results, how the next one reads them, and their gradient.
struct SmallLayer {
  Guarded z, shift, sum, square, scale, offset, g, g_sum, g_product, none;

  SmallLayer(std::int64_t rows, std::int64_t channels)
      : z(rows * channels),
        shift(channels),
        sum(channels),
        square(channels),
        scale(channels),
        offset(channels),
        g(rows * channels),
        g_sum(channels),
        g_product(channels),
        none(channels, 0) {
    scale.fill(1, 1, 2);
    offset.fill(2, 0, 2);
  }

  BlockStatistics statistics() { return {shift.data(), sum.data(), square.data()}; }
  Activation activation() const { return {scale.data(), offset.data()}; }
  InputGradient input_gradient() {
    return {g.data(), g_sum.data(), g_product.data(), shift.data()};
  }
  StoredGradient gradient() const { return {scale.data(), none.data(), none.data()}; }
};

/// The first convolution, a depthwise one of stride 2, a pointwise one, the pool. What the layers
/// are read with is fixed: no batch normalisation.
class SmallNetwork {
 public:
  explicit SmallNetwork(const Kernels& kernels) : kernels_(kernels) {
    x_.fill(3, -1, 1);
    first_weight_.fill(4, -0.4F, 0.4F);
    depthwise_weight_.fill(5, -0.3F, 0.3F);
    pointwise_weight_.fill(6, -0.3F, 0.3F);
    dy_.fill(7, -1, 1);
  }

  void forward() {
    forward_first();
    forward_depthwise();
    forward_pointwise();
    forward_pool();
  }

  void backward() {
    backward_pool();
    backward_pointwise();
    backward_depthwise();
    backward_first();
  }

  double loss() const {
    double sum = 0;
    for (std::int64_t i = 0; i < y_.size(); ++i) sum += static_cast<double>(y_[i]) * dy_[i];
    return sum;
  }

  /// The three weights, each with its gradient.
  std::vector<std::pair<Guarded*, const Guarded*>> weights() {
    return {{&first_weight_, &first_dw_},
            {&depthwise_weight_, &depthwise_dw_},
            {&pointwise_weight_, &pointwise_dw_}};
  }

  std::vector<std::pair<std::string, const Guarded*>> results() const {
    std::vector<std::pair<std::string, const Guarded*>> all = {{"y", &y_},
                                                               {"pointwise dw", &pointwise_dw_},
                                                               {"depthwise dw", &depthwise_dw_},
                                                               {"first dw", &first_dw_}};
    for (const auto& [name, layer] : {std::pair<std::string, const SmallLayer*>{"first", &first_},
                                      {"depthwise", &depthwise_},
                                      {"pointwise", &pointwise_}}) {
      all.emplace_back(name + " z", &layer->z);
      all.emplace_back(name + " shift", &layer->shift);
      all.emplace_back(name + " sum", &layer->sum);
      all.emplace_back(name + " square", &layer->square);
      all.emplace_back(name + " g", &layer->g);
      all.emplace_back(name + " sum of g", &layer->g_sum);
      all.emplace_back(name + " product", &layer->g_product);
    }
    return all;
  }

 private:
  void forward_first() {
    FirstForward call;
    call.shape = first_shape();
    call.images = kImages;
    call.x = x_.data();
    call.weight = first_weight_.data();
    call.z = first_.z.data();
    call.statistics = first_.statistics();
    Guarded scratch(kernels_.first_scratch(call.shape));
    call.scratch = scratch.data();
    kernels_.first_forward(call);
  }

  void forward_depthwise() {
    DepthwiseForward call;
    call.shape = depthwise_shape();
    call.images = kImages;
    call.x = first_.z.data();
    call.input = first_.activation();
    call.weight = depthwise_weight_.data();
    call.z = depthwise_.z.data();
    call.statistics = depthwise_.statistics();
    Guarded scratch(kernels_.depthwise_scratch(call.shape));
    call.scratch = scratch.data();
    kernels_.depthwise_forward(call);
  }

  void forward_pointwise() {
    PointwiseForward call;
    call.shape = pointwise_shape();
    call.rows = kLast;
    call.x = depthwise_.z.data();
    call.input = depthwise_.activation();
    Guarded packed(kernels_.pointwise_packed(call.shape));
    kernels_.pack_pointwise(call.shape, pointwise_weight_.data(), packed.data());
    call.weight = packed.data();
    call.z = pointwise_.z.data();
    call.statistics = pointwise_.statistics();
    Guarded scratch(kernels_.pointwise_scratch(call.shape, kLast));
    call.scratch = scratch.data();
    kernels_.pointwise_forward(call);
  }

  void forward_pool() {
    PoolForward call;
    call.shape = pool_shape();
    call.images = kImages;
    call.x = pointwise_.z.data();
    call.input = pointwise_.activation();
    call.y = y_.data();
    kernels_.pool_forward(call);
  }

  void backward_pool() {
    PoolBackward call;
    call.shape = pool_shape();
    call.images = kImages;
    call.dy = dy_.data();
    call.x = pointwise_.z.data();
    call.input = pointwise_.activation();
    call.input_gradient = pointwise_.input_gradient();
    kernels_.pool_backward(call);
  }

  void backward_pointwise() {
    PointwiseBackward call;
    call.shape = pointwise_shape();
    call.rows = kLast;
    call.g = pointwise_.g.data();
    call.z = pointwise_.z.data();
    call.gradient = pointwise_.gradient();
    call.x = depthwise_.z.data();
    call.input = depthwise_.activation();
    Guarded packed(kernels_.pointwise_packed(call.shape));
    kernels_.pack_pointwise_transposed(call.shape, pointwise_weight_.data(), packed.data());
    call.weight = packed.data();
    call.input_gradient = depthwise_.input_gradient();
    call.dw = pointwise_dw_.data();
    Guarded scratch(kernels_.pointwise_scratch(call.shape, kLast));
    call.scratch = scratch.data();
    kernels_.pointwise_backward(call);
  }

  void backward_depthwise() {
    DepthwiseBackward call;
    call.shape = depthwise_shape();
    call.images = kImages;
    call.g = depthwise_.g.data();
    call.z = depthwise_.z.data();
    call.gradient = depthwise_.gradient();
    call.x = first_.z.data();
    call.input = first_.activation();
    call.weight = depthwise_weight_.data();
    call.input_gradient = first_.input_gradient();
    call.dw = depthwise_dw_.data();
    Guarded scratch(kernels_.depthwise_scratch(call.shape));
    call.scratch = scratch.data();
    kernels_.depthwise_backward(call);
  }

  void backward_first() {
    FirstBackward call;
    call.shape = first_shape();
    call.images = kImages;
    call.g = first_.g.data();
    call.z = first_.z.data();
    call.gradient = first_.gradient();
    call.x = x_.data();
    call.dw = first_dw_.data();
    Guarded scratch(kernels_.first_scratch(call.shape));
    call.scratch = scratch.data();
    kernels_.first_backward(call);
  }

  static FirstShape first_shape() {
    FirstShape shape;
    shape.channels = 3;
    shape.height = shape.width = kSide;
    shape.out = kNarrow;
    return shape;
  }
  static DepthwiseShape depthwise_shape() {
    DepthwiseShape shape;
    shape.channels = kNarrow;
    shape.height = shape.width = kSide / 2;
    shape.stride = 2;
    return shape;
  }
  static PointwiseShape pointwise_shape() {
    PointwiseShape shape;
    shape.in = kNarrow;
    shape.out = kWide;
    return shape;
  }
  static PoolShape pool_shape() {
    PoolShape shape;
    shape.channels = kWide;
    shape.pixels = kLast / kImages;
    return shape;
  }

  const Kernels& kernels_;
  Guarded x_{kImages * kSide * kSide * 3};
  Guarded first_weight_{27 * kNarrow};
  Guarded depthwise_weight_{9 * kNarrow};
  Guarded pointwise_weight_{kNarrow * kWide};
  Guarded y_{kImages * kWide};
  Guarded dy_{kImages * kWide};
  Guarded first_dw_{27 * kNarrow, 0};
  Guarded depthwise_dw_{9 * kNarrow, 0};
  Guarded pointwise_dw_{kNarrow * kWide, 0};
  SmallLayer first_{kMiddle, kNarrow};
  SmallLayer depthwise_{kLast, kNarrow};
  SmallLayer pointwise_{kLast, kWide};
};

}  // namespace mobireg
