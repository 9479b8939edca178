#include "config/resolve.h"

#include "core/fail.h"

namespace mobireg {

RunConfig resolve_config(RunConfig config) {
  config.model = resolve_config(std::move(config.model));
  resolve_data(config.data, config.model);
  resolve_augmentation(config);
  OptimizerConfig& optimizer = config.training.optimizer;
  if (!optimizer.learning_rate) {
    optimizer.learning_rate = optimizer.name == OptimizerKind::kAdam ? 0.001 : 0.01;
  }
  if (config.precision == ComputePrecision::kBf16 && config.kernels == Kernels::kAten) {
    fail("precision: bf16 needs mobireg's own kernels; kernels is aten");
  }
  make_absolute(config.run_dir);
  make_absolute(config.training.init_from);
  return config;
}

}  // namespace mobireg
