#include "config/resolve.h"

#include "core/fail.h"

namespace mobireg {

RunConfig resolve_config(RunConfig config) {
  config.model = resolve_config(std::move(config.model));
  check_losses(config);
  resolve_data(config.data, config.model);
  resolve_augmentation(config);
  resolve_training(config.training);
  resolve_teaching(config.training);
  if (config.precision == ComputePrecision::kBf16 && config.kernels == Kernels::kAten) {
    fail("precision: bf16 needs mobireg's own kernels; kernels is aten");
  }
  make_absolute(config.run_dir);
  return config;
}

}  // namespace mobireg
