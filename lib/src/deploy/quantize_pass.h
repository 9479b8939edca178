#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "deploy/network.h"
#include "deploy/quantize.h"

namespace mobireg {

/// One way to quantise; `quantize` tries several.
struct QuantizeRecipe {
  std::optional<RangeMethod> method;  // unset: each layer's is that of least error in its output
  bool bias_correction = true;
  bool fit_weights = true;
  int weight_levels = 0;
};

/// Goes through the network once, with `images` in the float network and in the int8 one that is
/// made on the way. The output error is left open.
QuantizedNetwork quantize_by(const QuantizeRecipe& recipe, const Network& network,
                             const at::Tensor& images, const QuantizeOptions& options);

}  // namespace mobireg
