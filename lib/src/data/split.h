#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mobireg/config/data_config.h"

namespace mobireg {

/// What a rule looks at, one of each a row of the CSV.
struct SplitRows {
  std::vector<std::string> filenames;
  std::vector<std::string> groups;  // empty: every row by itself
};

/// Which of `rows` (indices into `all`, in CSV order) a rule sets aside; in CSV order. Rules that
/// take a share take whole groups until it is reached. `kNone` and `kCsv` set none aside.
std::vector<std::int64_t> choose_rows(const SplitConfig& split, const SplitRows& all,
                                      const std::vector<std::int64_t>& rows);

/// What `pattern` finds in each file name: its first capture, where it has one; the file name
/// itself where it finds nothing.
std::vector<std::string> groups_by_pattern(const std::vector<std::string>& filenames,
                                           const std::string& pattern);

}  // namespace mobireg
