#pragma once

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"

namespace mobireg {

/// What a run's config says of its batches. `preprocessing` and `warn` go into all.
BatchOptions training_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                    const WarningCallback& warn);
BatchOptions validation_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                      const WarningCallback& warn);
BatchOptions unlabelled_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                      const WarningCallback& warn);

}  // namespace mobireg
