#pragma once

#include <string>
#include <utility>
#include <vector>

#include "inspect/row_table.h"

namespace mobireg {

inline const std::vector<OutputConfig> kPoseInDegrees{{"pitch", Unit::kDegrees, OutputKind::kPitch},
                                                      {"yaw", Unit::kDegrees, OutputKind::kYaw},
                                                      {"roll", Unit::kDegrees, OutputKind::kRoll}};

/// A table of one set without rows.
inline RowTable table_of(std::vector<OutputConfig> outputs) {
  RowTable table;
  table.outputs = std::move(outputs);
  table.sets.resize(1);
  return table;
}

inline void add_row(RowTable& table, std::vector<float> labels, RowSplit split = RowSplit::kTrain,
                    int set = 0) {
  const std::string number = std::to_string(table.rows.size());
  TableRow row;
  row.filename = number + ".png";
  row.where = "labels.csv:" + number;
  row.set = set;
  row.split = split;
  row.labels = labels;
  row.targets = std::move(labels);
  table.rows.push_back(std::move(row));
}

/// Shows rows by their file names, with an image of one pixel.
inline ShowRow show_rows(const RowTable& table) {
  return [&table](std::int64_t i) -> ShownRow {
    const TableRow& row = table.rows[static_cast<std::size_t>(i)];
    return {row.filename, row.where, row.split, {{1, 1, 1, {0}}, row.targets}};
  };
}

}  // namespace mobireg
