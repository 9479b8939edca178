#pragma once

#include <cstdint>
#include <vector>

#include "mobireg/config/data_config.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {

/// Which of `rows` (of `frame`, in CSV order) a rule sets aside; in CSV order. `kNone` and
/// `kCsv` set none aside. Throws Error when the frame lacks the group column.
std::vector<std::int64_t> choose_rows(const SplitConfig& split, const DataFrame& frame,
                                      const std::string& x_col,
                                      const std::vector<std::int64_t>& rows);

}  // namespace mobireg
