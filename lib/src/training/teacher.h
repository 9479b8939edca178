#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mobireg/deploy/predictor.h"

namespace mobireg {

struct TrainedNetwork;

/// A trained network to learn from, of any width, input and file format. Thread-safe but for
/// `features`.
class Teacher {
 public:
  /// Throws Error when the file cannot be read, or lacks an output of `student` or has it in a unit
  /// that cannot be converted. `with_features`: only checkpoints have them.
  Teacher(const std::filesystem::path& file, const ModelConfig& student, bool with_features);

  const std::string& name() const { return name_; }
  const ModelCard& card() const { return predictor_.card(); }
  const InputConfig& input() const { return card().model.input; }

  /// SHA-256 of the file.
  const std::string& sha256() const { return sha256_; }

  /// pixels: (count, channels, size, size) of its own input, 0 to 255. Returns the student's
  /// outputs, in the student's units, count after count; coordinates in units of the crop. Throws
  /// Error when one is not finite.
  std::vector<float> outputs(const std::vector<float>& pixels, std::int64_t count) const;

  /// Pooled features (count, F) float of the same pixels, on LibTorch's threads.
  at::Tensor features(std::vector<float>& pixels, std::int64_t count) const;

 private:
  struct Column {
    std::size_t position;  // among the teacher's outputs
    float factor;          // to the student's unit
  };

  std::string name_;
  Predictor predictor_;
  std::string sha256_;
  std::vector<Column> columns_;                  // one an output of the student
  std::shared_ptr<const TrainedNetwork> whole_;  // null unless its features are wanted
};

std::vector<Teacher> load_teachers(const std::vector<std::filesystem::path>& files,
                                   const ModelConfig& student, bool with_features);

}  // namespace mobireg
