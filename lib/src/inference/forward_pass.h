#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/packed_network.h"

namespace mobireg {

/// Times the parts of a run: the first convolution, each block, the pooling, the heads. Given no
/// seconds it does nothing.
class Stopwatch {
 public:
  explicit Stopwatch(std::vector<double>* seconds) : seconds_(seconds) {
    if (seconds_ != nullptr) last_ = Clock::now();
  }

  void lap(std::size_t part) {
    if (seconds_ == nullptr) return;
    const Clock::time_point now = Clock::now();
    (*seconds_)[part] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::vector<double>* seconds_;
  Clock::time_point last_;
};

/// The memory that one call at a time works in, and the way through the network.
class ForwardPass {
 public:
  /// Takes up to `images` images at once. `network` and `kernels` must outlive it.
  ForwardPass(const PackedNetwork& network, const InferenceKernels& kernels, std::int64_t images);

  std::int64_t images() const { return images_; }

  /// Pixel: float, (images, channels, size, size); std::uint8_t, (images, size, size, channels).
  template <typename Pixel>
  void run(const Pixel* pixels, std::int64_t images, float* outputs, Stopwatch& watch);

 private:
  bool is_shared(std::size_t map) const;
  float* map_data(std::size_t map, std::int64_t image) const;
  void clear_borders(std::size_t map, std::int64_t image, std::int64_t images) const;

  template <typename Pixel>
  void run_first(const Pixel* image, std::int64_t index);
  template <typename Pixel>
  void read_rows(const Pixel* image, int first_row, int rows);
  void run_block(std::size_t index, std::int64_t image, std::int64_t images);
  void run_pool(std::int64_t images);
  void run_heads(std::int64_t images, float* outputs);
  const float* round_input(const Rounding& rounding, const float* x, std::int64_t count);

  std::int64_t line_floats() const;
  int input_rows(int output_rows) const;

  const PackedNetwork& network_;
  const InferenceKernels& kernels_;
  std::int64_t images_;
  std::int64_t lead_;
  WeightStream stream_;
  AlignedFloats lines_;  // the first convolution's input
  AlignedFloats early_[2];
  AlignedFloats shared_[2];
  AlignedFloats strip_;
  AlignedFloats features_;
  AlignedFloats hidden_[2];
  AlignedFloats rounded_;
};

}  // namespace mobireg
