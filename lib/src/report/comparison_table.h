#pragma once

#include <string>
#include <vector>

#include "mobireg/report/compare.h"

namespace mobireg {

/// A table of texts; each row has a cell for each column.
struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A row a run; a dash where something is not known. Errors by output while there are few.
TextTable comparison_table(const RunComparison& comparison);

/// The table for a terminal: the first column to the left, the others to the right.
std::string aligned(const TextTable& table);

}  // namespace mobireg
