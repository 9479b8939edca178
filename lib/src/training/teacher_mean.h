#pragma once

#include <array>
#include <optional>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// Values of a model's outputs that several teachers, or one teacher in several views, say of the
/// same image.
class OutputStatistics {
 public:
  /// `model` must be resolved.
  explicit OutputStatistics(const ModelConfig& model);

  /// said: at least one, each with a value an output, in the outputs' units. Returns the mean of
  /// each output; of pitch, yaw and roll together it is the mean rotation (the rotation nearest to
  /// the mean of the matrices: Moakher, 2002), so that angles on both sides of 180 degrees meet
  /// there. One alone is returned bit for bit.
  std::vector<float> mean(const std::vector<std::vector<float>>& said) const;

  /// The standard deviation of each output about `mean`, in report units (angles in degrees, and
  /// their differences within half a turn); over the values, not over one less.
  std::vector<double> spread(const std::vector<std::vector<float>>& said,
                             const std::vector<float>& mean) const;

 private:
  void average_pose(const std::vector<std::vector<float>>& said, std::vector<float>& mean) const;

  std::vector<OutputConfig> outputs_;
  std::optional<std::array<std::size_t, 3>> pose_;  // pitch, yaw, roll
};

}  // namespace mobireg
