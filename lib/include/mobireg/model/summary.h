#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

struct LayerSummary {
  std::string name;
  std::string type;
  std::vector<std::int64_t>
      output_shape;             // without the batch: (height, width, channels) or (units)
  std::int64_t parameters = 0;  // with the running statistics, as Keras counts
  std::int64_t not_trainable = 0;
  std::int64_t multiply_adds = 0;  // an image
};

struct ModelSummary {
  std::vector<LayerSummary> layers;
  std::int64_t parameters = 0;
  std::int64_t not_trainable = 0;
  std::int64_t multiply_adds = 0;  // an image; convolutions and Dense layers

  /// A table as Keras's `model.summary()` prints it.
  std::string to_string() const;
};

/// Counts a model from its config, without building it. `config` may be unresolved.
ModelSummary summarize(const ModelConfig& config);

}  // namespace mobireg
