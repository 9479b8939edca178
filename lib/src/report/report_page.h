#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/data/dataset.h"
#include "mobireg/training/observer.h"
#include "report/report_sections.h"

namespace mobireg {

/// All that a run's page shows.
struct ReportState {
  const RunConfig& config;
  const Datasets& datasets;
  std::filesystem::path run_dir;
  int threads = 0;
  std::int64_t parameters = 0;
  std::string ending{};  // how the run ended; empty while it goes on
  RunHistory history{};
  std::vector<EpochTimesRow> times{};
  JudgedEpoch judged{};
  std::string augmented{};  // its section
};

/// report.html.
std::string report_page(const ReportState& state);

}  // namespace mobireg
