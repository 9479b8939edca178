#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mobireg/config/run_config.h"
#include "mobireg/training/run.h"

namespace mobireg {

struct ExtendedRun {
  RunConfig config;
  std::string what;  // one line; empty where nothing changed
};

/// A run's config with a new total of epochs. Throws Error when that is less than planned, or when
/// a schedule ends with the run and `extend` does not say what becomes of it.
ExtendedRun extend_run(const RunConfig& planned, const std::filesystem::path& run_dir, int epochs,
                       std::optional<ScheduleExtension> extend);

}  // namespace mobireg
