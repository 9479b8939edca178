#include "training/batch_options.h"

#include "mobireg/core/random.h"

namespace mobireg {

BatchOptions validation_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                      const WarningCallback& warn) {
  BatchOptions batches;
  batches.batch_size = config.training.batch_size;
  batches.seed = config.seed;
  batches.skip_bad_images = config.data.skip_bad_rows;
  batches.preprocessing = preprocessing;
  batches.warn = warn;
  return batches;
}

BatchOptions training_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                    const WarningCallback& warn) {
  BatchOptions batches = validation_batch_options(config, preprocessing, warn);
  batches.shuffle = config.data.shuffle;
  batches.balance = config.data.balance;
  batches.augment = true;
  batches.augmentation = config.augmentation;
  batches.save_to_dir = config.data.save_to_dir;
  batches.save_prefix = config.data.save_prefix;
  return batches;
}

BatchOptions unlabelled_batch_options(const RunConfig& config, const ImageCallback& preprocessing,
                                      const WarningCallback& warn) {
  BatchOptions batches = validation_batch_options(config, preprocessing, warn);
  batches.seed = derive_seed(config.seed, "unlabelled");
  batches.shuffle = true;
  batches.augment = true;
  batches.augmentation = config.augmentation;
  batches.plain_view = true;
  batches.geometry = true;
  batches.skip_bad_images = true;
  return batches;
}

}  // namespace mobireg
