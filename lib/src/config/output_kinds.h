#pragma once

#include <cstddef>
#include <vector>

#include "mobireg/config/model_config.h"

namespace mobireg {

/// The places of the outputs of a kind, in their order.
inline std::vector<std::size_t> outputs_of_kind(const std::vector<OutputConfig>& outputs,
                                                OutputKind kind) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].kind == kind) places.push_back(i);
  }
  return places;
}

}  // namespace mobireg
