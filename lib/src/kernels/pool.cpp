#include "kernels/pool.h"

#include "kernels/activation.h"

namespace mobireg::MOBIREG_ISA {
namespace {

// The same code makes a vector of channels or, of those left over, one: the type of `kind` says.

template <class From>
MOBIREG_INLINE Vector read(const From* at, Vector /*kind*/) {
  return load(at);
}
template <class From>
MOBIREG_INLINE float read(const From* at, float /*kind*/) {
  return load_one(at);
}
template <class To>
MOBIREG_INLINE void write(To* at, Vector value) {
  store(at, value);
}
template <class To>
MOBIREG_INLINE void write(To* at, float value) {
  store_one(at, value);
}

/// Calls body(first channel, kind) for all channels.
template <class Body>
MOBIREG_INLINE void for_channels(std::int64_t channels, const Body& body) {
  std::int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) body(c, Vector{});
  for (; c < channels; ++c) body(c, 0.0F);
}

template <bool kActivation>
void forward(const PoolForwardOf<Stored>& call) {
  const std::int64_t channels = call.shape.channels;
  const float share = 1.0F / static_cast<float>(call.shape.pixels);
  for (std::int64_t image = 0; image < call.images; ++image) {
    const Stored* x = call.x + image * call.shape.pixels * channels;
    float* y = call.y + image * channels;
    for_channels(channels, [&](std::int64_t c, auto kind) {
      auto sum = kind;  // 0
      for (std::int64_t p = 0; p < call.shape.pixels; ++p) {
        auto value = read(x + p * channels + c, kind);
        if (kActivation) {
          value =
              relu6(value * read(call.input.scale + c, kind) + read(call.input.offset + c, kind));
        }
        sum += value;
      }
      write(y + c, sum * share);
    });
  }
}

/// gradient, 0 where x was clipped.
template <class Value>
MOBIREG_INLINE Value passed(const Activation& input, std::int64_t c, Value x, Value gradient) {
  const Value none = {};
  const Value y = x * read(input.scale + c, none) + read(input.offset + c, none);
  const Value above = y > none ? gradient : none;
  return y < none + 6.0F ? above : none;
}

template <bool kActivation>
void backward(const PoolBackwardOf<Stored>& call) {
  const std::int64_t channels = call.shape.channels;
  const InputGradientOf<Stored>& to = call.input_gradient;
  const float share = 1.0F / static_cast<float>(call.shape.pixels);
  for (std::int64_t c = 0; c < channels; ++c) to.sum[c] = to.product[c] = 0;
  for (std::int64_t image = 0; image < call.images; ++image) {
    const float* dy = call.dy + image * channels;
    const Stored* x = call.x + image * call.shape.pixels * channels;
    Stored* g = to.g + image * call.shape.pixels * channels;
    for_channels(channels, [&](std::int64_t c, auto kind) {
      const auto gradient = read(dy + c, kind) * share;
      const auto mean = read(to.mean + c, kind);
      auto sum = read(to.sum + c, kind);
      auto product = read(to.product + c, kind);
      for (std::int64_t p = 0; p < call.shape.pixels; ++p) {
        const auto value = read(x + p * channels + c, kind);
        auto dx = gradient;
        if (kActivation) dx = passed(call.input, c, value, gradient);
        dx = as_stored(dx);
        write(g + p * channels + c, dx);
        sum += dx;
        product += dx * (value - mean);
      }
      write(to.sum + c, sum);
      write(to.product + c, product);
    });
  }
}

}  // namespace

void pool_forward(const PoolForwardOf<Stored>& call) {
  if (call.input.scale) {
    forward<true>(call);
  } else {
    forward<false>(call);
  }
}

void pool_backward(const PoolBackwardOf<Stored>& call) {
  if (!call.input_gradient.g) return;
  if (call.input.scale) {
    backward<true>(call);
  } else {
    backward<false>(call);
  }
}

}  // namespace mobireg::MOBIREG_ISA
