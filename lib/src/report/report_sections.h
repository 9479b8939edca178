#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"
#include "report/judged_errors.h"
#include "report/run_history.h"
#include "report/times_csv.h"

namespace mobireg {

// The sections of a run's report, as HTML; empty where there is nothing to show.

std::string curves_section(const RunHistory& history, const std::vector<EpochTimesRow>& times,
                           const std::vector<OutputConfig>& outputs);

/// What was said of the validation rows after an epoch.
struct JudgedEpoch {
  int epoch = 0;  // 0: none yet
  bool is_best = false;
  JudgedRows judged;
};

std::string errors_section(const JudgedEpoch& epoch, const std::vector<OutputConfig>& outputs);

/// rows: those that were judged.
std::string worst_section(const JudgedEpoch& epoch, const ImageRegressionDataset& rows,
                          const std::vector<OutputConfig>& outputs);

/// Training images as training sees them. Reads them, so it is made once.
std::string augmented_section(const ImageRegressionDataset& train, const RunConfig& config);

std::string times_section(const std::vector<EpochTimesRow>& times);

/// What differs from the defaults, the whole config, the environment and the command that trains
/// the same again.
std::string origin_section(const RunConfig& config, const std::filesystem::path& run_dir,
                           int threads);

}  // namespace mobireg
