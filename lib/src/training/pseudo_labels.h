#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/config/run_config.h"
#include "mobireg/data/dataset.h"
#include "training/teacher.h"

namespace mobireg {

/// What teachers say of images without labels, where they agree with themselves and each other.
struct PseudoLabels {
  std::string csv;          // filename, a column an output, and `spread`: the largest over outputs
  std::int64_t images = 0;  // that were looked at
  std::int64_t kept = 0;
  std::string views;  // how they were looked at, for people
};

/// Each teacher sees every image as it is, mirrored, and turned by 10 degrees either way, as far as
/// the labels follow that; what it says is taken back to the plain image. The label is the mean,
/// kept where the standard deviation of every output is at most `agreement` (in report units).
/// Images that cannot be read are told to `warn`. Throws Error when none is kept.
PseudoLabels make_pseudo_labels(const std::vector<Teacher>& teachers,
                                const ImageRegressionDataset& images, const RunConfig& config,
                                int threads, const WarningCallback& warn);

/// The data set that they make, of images below the common folder of `unlabelled.folders`; `path`
/// is the CSV's.
TrainingRows pseudo_labelled_rows(const std::string& csv, const std::filesystem::path& path,
                                  const RunConfig& config);

}  // namespace mobireg
