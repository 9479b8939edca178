#pragma once

#include <cstdint>
#include <string>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// What travels with every exported file, so that whoever has the file alone can use it.
struct ModelCard {
  ModelConfig model;  // outputs, units, convention, input size, channels, mean, scale
  bool normalization_inside = true;  // false: the caller feeds (pixel - mean) / scale
  std::string checkpoint_sha256;
  int epoch = 0;  // completed epochs of training

  std::string to_json() const;

  /// Throws Error, beginning with `origin`.
  static ModelCard from_json(const std::string& json, const std::string& origin);
};

}  // namespace mobireg
