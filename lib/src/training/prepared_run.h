#pragma once

#include <optional>

#include "mobireg/config/run_config.h"
#include "mobireg/data/batch.h"
#include "mobireg/data/dataset.h"
#include "mobireg/data/standardizer.h"
#include "mobireg/training/trainer.h"
#include "training/teacher_data.h"

namespace mobireg {

/// What the input's standardisation takes from the training images, as evaluation sees them.
FittedInput fit_to_training(const InputConfig& input, const Datasets& datasets);

/// All that a new run needs before its first step, without a folder.
struct PreparedRun {
  /// Resolves the config, chooses and sets LibTorch's thread count, opens the data, asks the
  /// teachers, fits the input, makes the network and begins it. Throws Error when anything is
  /// wrong.
  PreparedRun(const RunConfig& given, const ImageCallback& preprocessing,
              const WarningCallback& warn);
  PreparedRun(const PreparedRun&) = delete;
  PreparedRun& operator=(const PreparedRun&) = delete;

  RunConfig config;
  int threads = 0;
  TaughtData data;
  std::optional<Trainer> trainer;
};

}  // namespace mobireg
