#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>

#include "mobireg/deploy/model_card.h"

namespace mobireg {

/// A trained network ready to predict, from a checkpoint or an exported TorchScript file.
/// Copies share the network; `predict` may be called by several threads.
class Predictor {
 public:
  /// Throws Error when the file is damaged or of another kind.
  static Predictor load(const std::filesystem::path& path);

  /// pixels: (N, channels, size, size) float of 0 to 255, RGB.
  /// Returns (N, outputs) float in the labels' units.
  at::Tensor predict(const at::Tensor& pixels) const;

  const ModelCard& card() const;

  struct Network;

 private:
  explicit Predictor(std::shared_ptr<const Network> network);

  std::shared_ptr<const Network> network_;
};

}  // namespace mobireg
