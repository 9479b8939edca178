#pragma once

#include <filesystem>
#include <string>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// The folder of one run, locked while this lives:
///   README.txt   what lies here
///   config.json  the resolved config; environment.json: versions, processor, threads
///   rows.csv     which row is in which split
///   train.log, metrics.csv, times.csv, report.html, tensorboard/, checkpoints/
class RunFolder {
 public:
  /// Throws Error when `path` is anything but missing or an empty folder.
  static void check_free(const std::filesystem::path& path);

  /// Makes the folder and writes what is known at the start. Throws Error as `check_free` does,
  /// when another process holds it, or when it cannot be written.
  static RunFolder create(const RunConfig& config, const Datasets& datasets, int threads);

  /// Takes a run's folder to go on with it. Throws Error when it is not a run's, or is in use.
  static RunFolder open(const std::filesystem::path& path);

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config_file() const { return path_ / "config.json"; }
  std::filesystem::path log_file() const { return path_ / "train.log"; }
  std::filesystem::path metrics_file() const { return path_ / "metrics.csv"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  /// The config the run was started with.
  RunConfig config() const;

  /// The thread count the run was started with.
  int threads() const;

 private:
  explicit RunFolder(std::filesystem::path path);

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace mobireg
