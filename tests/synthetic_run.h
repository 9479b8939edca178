#pragma once

#include "mobireg/config/run_config.h"
#include "mobireg/synth/synth.h"
#include "temporary_folder.h"

namespace mobireg {

/// A folder with 64 drawn heads, and the config of a small run over them in its sub-folder `run`.
struct SyntheticRun {
  TemporaryFolder folder;
  RunConfig config;

  explicit SyntheticRun(int epochs = 2) {
    SynthOptions heads;
    heads.directory = folder.path() / "heads";
    heads.count = 64;
    heads.size = 32;
    write_synth_dataset(heads);
    config.threads = 2;
    config.run_dir = folder.path() / "run";
    config.model.alpha = 0.25;
    config.model.input.size = 32;
    config.data.csv = heads.directory / "headpose.csv";
    config.data.test = {SplitRule::kFirstFraction, 0.1};
    config.augmentation.rotation_range = 5;
    config.augmentation.brightness_range = {0.8, 1.2};
    config.training.epochs = epochs;
    config.training.batch_size = 16;
    config = resolve_config(config);
  }

  std::filesystem::path checkpoint(const char* name) const {
    return config.run_dir / "checkpoints" / (std::string(name) + ".safetensors");
  }
};

}  // namespace mobireg
