#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"
#include "mobireg/training/teaching.h"
#include "training/teacher.h"

namespace mobireg {

/// All that a run learns from.
struct TaughtData {
  Datasets datasets;
  TeacherAnswers answers;
  std::string pseudo_labels;       // the CSV; empty: none
  std::vector<Teacher> teachers;   // those that were asked just now
  std::vector<std::string> notes;  // what came of it, for the log
};

/// Opens a run's data, with the images without labels that it wants. What its teachers said is read
/// from the run folder `run_dir` where it lies there; else they are asked. Images that are also
/// rows of validation or test are left out of those without labels. Throws Error.
TaughtData open_taught_data(const RunConfig& config, const std::filesystem::path& run_dir,
                            int threads, const WarningCallback& warn);

/// Puts what the teachers said just now into the run folder: pseudo_labels.csv and
/// teachers.safetensors.
void keep_answers(const TaughtData& data, const std::filesystem::path& run_dir);

}  // namespace mobireg
