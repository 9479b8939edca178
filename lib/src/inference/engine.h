#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deploy/network.h"

namespace mobireg {

struct InferenceKernels;

/// What `InferenceEngine::profile` measured of one part of the network.
struct LayerTime {
  std::string name;          // of its layers
  std::string kind;          // first convolution, separable 32x32, ..., pool, heads
  double seconds = 0;        // an image
  double multiply_adds = 0;  // an image
  double weight_bytes = 0;
};

/// Runs a MobileNet regressor on the calling thread, without LibTorch. `run` may be called by
/// several threads at once.
class InferenceEngine {
 public:
  /// Packs the weights for this processor, or for `kernels`; `network` is not needed afterwards.
  /// Throws Error where the network is not a first convolution, pairs of a 3x3 depthwise and a
  /// pointwise convolution, and heads on their last map's mean.
  explicit InferenceEngine(const Network& network);
  InferenceEngine(const Network& network, const InferenceKernels& kernels);
  ~InferenceEngine();
  InferenceEngine(InferenceEngine&&) noexcept;
  InferenceEngine& operator=(InferenceEngine&&) noexcept;

  int input_size() const;
  int input_channels() const;
  int outputs() const;
  const char* instruction_set() const;

  /// pixels: (count, channels, size, size) in what the network's normalisation expects (0 to 255).
  /// outputs: (count, outputs()).
  void run(const float* pixels, std::int64_t count, float* outputs) const;

  /// pixels: (count, size, size, channels).
  void run(const std::uint8_t* pixels, std::int64_t count, float* outputs) const;

  /// The median time of each part over `repeats` runs on `count` images. Takes the clock's own
  /// time in between.
  std::vector<LayerTime> profile(const float* pixels, std::int64_t count, int repeats) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mobireg
