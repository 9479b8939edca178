#pragma once

#include <utility>

#include "mobireg/config/run_config.h"
#include "predict/face.h"

namespace mobireg {

inline std::shared_ptr<const std::vector<OutputConfig>> resolved_outputs(
    std::vector<OutputConfig> outputs) {
  ModelConfig model;
  model.outputs = std::move(outputs);
  return std::make_shared<const std::vector<OutputConfig>>(resolve_config(model).outputs);
}

/// A face whose network saw the whole of its box.
inline PredictedFace face_of(std::shared_ptr<const std::vector<OutputConfig>> outputs,
                             const FaceBox& box, std::vector<float> values) {
  return {box, {std::move(values), std::move(outputs), box}, {}};
}

}  // namespace mobireg
