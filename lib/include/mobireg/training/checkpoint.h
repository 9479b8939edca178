#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"
#include "mobireg/model/safetensors.h"

namespace mobireg {

/// The epoch with the lowest validation MAE so far.
struct BestEpoch {
  int epoch = 0;
  double mae = 0;
};

/// The whole state of a run between two steps. On disk it is one safetensors file with a checksum;
/// docs/checkpoint.md describes it.
struct Checkpoint {
  RunConfig config;
  int epoch = 0;          // completed epochs
  std::int64_t step = 0;  // completed steps of the whole run
  int threads = 0;
  std::string data_fingerprint;  // of the training and validation rows
  std::optional<BestEpoch> best;
  std::vector<NamedTensor> tensors;  // weights, `optimizer.*`, `metrics.*`, `input.*`

  /// The tensors as a file that `load_weights` takes.
  TensorFile weights() const { return {{}, tensors}; }
};

/// Throws Error when it cannot be written; an older file of that name then stays as it was.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws Error, one line, when the file is damaged, foreign or of an unknown version.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// The checkpoint with the most steps among a folder's good ones; damaged ones are told to `warn`.
std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& folder,
                                            const WarningCallback& warn);

}  // namespace mobireg
