#include "inspect/row_table.h"

#include <algorithm>
#include <cmath>

#include "mobireg/config/units.h"

namespace mobireg {
namespace {

bool lacks(const DataSetConfig& set, const OutputConfig& output) {
  return std::find(set.missing.begin(), set.missing.end(), output.name) != set.missing.end();
}

/// Which of a set's label columns has an output; those that the set lacks have none.
std::size_t column_of(const RowTable& table, const DataSetConfig& set, std::size_t output) {
  const auto end = table.outputs.begin() + static_cast<std::ptrdiff_t>(output);
  return static_cast<std::size_t>(std::count_if(
      table.outputs.begin(), end, [&](const OutputConfig& before) { return !lacks(set, before); }));
}

template <class T>
T value_of_column(const std::vector<T>& values, std::size_t column, T otherwise) {
  return column < values.size() ? values[column] : otherwise;
}

}  // namespace

Unit declared_unit(const RowTable& table, int set, std::size_t output) {
  const DataSetConfig& config = table.sets[static_cast<std::size_t>(set)];
  const Unit unit = table.outputs[output].unit;
  if (lacks(config, table.outputs[output])) return unit;
  return value_of_column(config.units, column_of(table, config, output), unit);
}

std::vector<double> reported_targets(const RowTable& table, std::size_t output) {
  const double factor = report_factor(table.outputs[output].unit);
  std::vector<double> values;
  values.reserve(table.rows.size());
  for (const TableRow& row : table.rows) values.push_back(factor * row.targets[output]);
  return values;
}

std::vector<double> labels_as_written(const RowTable& table, int set, std::size_t output) {
  const DataSetConfig& config = table.sets[static_cast<std::size_t>(set)];
  const Unit unit = table.outputs[output].unit;
  const std::size_t column = column_of(table, config, output);
  const double factor = is_angle(unit) ? unit_factor(unit, declared_unit(table, set, output)) : 1;
  const double sign = value_of_column(config.signs, column, 1.0);
  const double offset = value_of_column(config.offsets, column, 0.0);
  std::vector<double> values;
  for (const TableRow& row : table.rows) {
    const double label = row.labels[output];
    if (row.set == set && !std::isnan(label)) values.push_back(sign * (factor * label - offset));
  }
  return values;
}

}  // namespace mobireg
