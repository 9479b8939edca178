#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mobireg/inspect/inspect.h"

namespace mobireg {

/// One usable row of a run.
struct TableRow {
  std::string filename;
  std::string where;
  std::string group;
  int set = 0;
  RowSplit split = RowSplit::kTrain;
  std::vector<float> labels;   // in the outputs' units; coordinates in units of the whole image
  std::vector<float> targets;  // the same, coordinates in units of the crop
};

/// All usable rows of a run.
struct RowTable {
  std::vector<OutputConfig> outputs;
  std::vector<DataSetConfig> sets;
  std::vector<TableRow> rows;
};

/// The unit in which a set's CSV has an output, as declared.
Unit declared_unit(const RowTable& table, int set, std::size_t output);

/// Targets of one output in the unit of reports, one a row; NaN where missing.
std::vector<double> reported_targets(const RowTable& table, std::size_t output);

/// Labels of one output in one set as they stand in its CSV (coordinates in units of the whole
/// image); those present.
std::vector<double> labels_as_written(const RowTable& table, int set, std::size_t output);

/// The row as the page shows it; reads its image.
using ShowRow = std::function<ShownRow(std::int64_t row)>;

}  // namespace mobireg
