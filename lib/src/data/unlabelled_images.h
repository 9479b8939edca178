#pragma once

#include <filesystem>
#include <vector>

#include "mobireg/data/dataset.h"

namespace mobireg {

/// The deepest folder in which all of `folders` (absolute, not empty) lie, or the one itself.
std::filesystem::path common_folder(const std::vector<std::filesystem::path>& folders);

/// All images below some folders as whole crops, sorted by path, each once. Their targets are all
/// missing; file names are relative to the common folder. Images that cannot be read are left out
/// and told to `warn`. `data`: of the run; its sets are not read. Throws Error when a folder has no
/// image, or none can be read.
ImageRegressionDataset open_unlabelled(const std::vector<std::filesystem::path>& folders,
                                       const DataConfig& data, const ModelConfig& model,
                                       int threads, const WarningCallback& warn);

}  // namespace mobireg
