#pragma once

#include <string>

#include "mobireg/inspect/inspect.h"

namespace mobireg {

// The page's sections with pictures, as HTML; empty where there is nothing to show.

std::string outliers_section(const Inspection& inspection);
std::string extremes_section(const Inspection& inspection);
std::string duplicates_section(const Inspection& inspection);

/// With the legend that says how a wrong sign looks.
std::string samples_section(const std::vector<AugmentedRow>& samples,
                            const std::vector<OutputConfig>& outputs);

/// "train", "validation", "test".
const char* split_name(RowSplit split);

}  // namespace mobireg
