#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "inference/engine.h"
#include "mobireg/bench/infer_bench.h"

namespace mobireg {

/// (count, channels, size, size) pixels of 0 to 255 to (count, outputs).
using PredictPixels = std::function<void(const float* pixels, std::int64_t count, float* outputs)>;

/// What InferBench times.
struct InferSubject {
  std::string name;
  std::function<PredictPixels()> load;
  bool thread_safe = true;
};

struct InferSubjects {
  std::string model;  // alpha and input, for the report
  int channels = 0;
  int size = 0;
  int outputs = 0;
  std::vector<InferSubject> subjects;
  /// For `InferenceEngine::profile`; null for an exported file.
  std::shared_ptr<const InferenceEngine> engine;
};

/// Throws Error as `Predictor::load` does.
InferSubjects infer_subjects(const InferBenchOptions& options);

}  // namespace mobireg
