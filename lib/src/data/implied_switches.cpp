#include "data/fit_input.h"

namespace mobireg {

InputConfig with_implied_switches(InputConfig input) {
  if (input.zca_whitening) input.featurewise_std_normalization = false;
  if (input.zca_whitening || input.featurewise_std_normalization) input.featurewise_center = true;
  if (input.samplewise_std_normalization) input.samplewise_center = true;
  return input;
}

}  // namespace mobireg
