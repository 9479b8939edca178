#pragma once

#include "mobireg/report/compare.h"

namespace mobireg {

/// Reads a run's folder, its name being the folder's. Throws Error when it is no run's.
RunRecord read_run_record(const std::filesystem::path& run_dir);

/// Judges the best checkpoint on the run's test rows and keeps what comes out in test.json. Nothing
/// is done where the run has no test rows or no checkpoint yet. Throws Error.
void evaluate_test_rows(RunRecord& run, const CompareOptions& options);

}  // namespace mobireg
