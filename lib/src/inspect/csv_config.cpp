// A run for a CSV that nothing is known about.

#include <algorithm>
#include <cmath>
#include <set>

#include "core/fail.h"
#include "inspect/statistics.h"
#include "inspect/unit_guess.h"
#include "mobireg/data/data_frame.h"
#include "mobireg/inspect/inspect.h"

namespace mobireg {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(const DataFrame& frame, const std::string& column) {
  return frame.type(column) != ColumnType::kString;
}

std::string file_name_column(const DataFrame& frame) {
  if (frame.has_column("filename")) return "filename";
  for (const std::string& name : frame.columns()) {
    if (!is_number(frame, name)) return name;
  }
  fail("{}: no column has texts that could be file names", frame.source());
}

std::vector<std::string> label_columns(const DataFrame& frame) {
  const std::vector<std::string> pose{"pitch", "yaw", "roll"};
  const auto is_there = [&](const std::string& name) {
    return frame.has_column(name) && is_number(frame, name);
  };
  if (std::all_of(pose.begin(), pose.end(), is_there)) return pose;
  std::vector<std::string> columns;
  for (const std::string& name : frame.columns()) {
    if (is_number(frame, name)) columns.push_back(name);
  }
  if (columns.empty()) fail("{}: no column has numbers that could be labels", frame.source());
  return columns;
}

/// A name that outputs may have, different from those in `taken`.
std::string output_name(const std::string& column, std::set<std::string>& taken) {
  std::string name;
  for (const char c : column) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    name += is_letter || is_digit(c) ? c : '_';
  }
  if (name.empty() || is_digit(name[0])) name = "_" + name;
  while (!taken.insert(name).second) name += "_";
  return name;
}

bool is_angle_name(const std::string& name) {
  return name == "pitch" || name == "yaw" || name == "roll";
}

/// x0 beside y0: a coordinate of a point.
bool is_coordinate_name(const std::string& name, const std::vector<std::string>& columns) {
  if (name.size() < 2 || (name[0] != 'x' && name[0] != 'y')) return false;
  if (!std::all_of(name.begin() + 1, name.end(), is_digit)) return false;
  const std::string other = (name[0] == 'x' ? "y" : "x") + name.substr(1);
  return std::find(columns.begin(), columns.end(), other) != columns.end();
}

/// Within which 99 % of a column's values lie, either way.
double reach(const DataFrame& frame, const std::string& column) {
  std::vector<double> values = sorted_present(frame.numbers(column));
  if (values.empty()) return 0;
  for (double& value : values) value = std::abs(value);
  std::sort(values.begin(), values.end());
  return quantile(values, 0.99);
}

/// The unit of all columns of one kind: they are written by one program.
Unit unit_of(const DataFrame& frame, const std::vector<std::string>& columns, Unit usual) {
  double widest = 0;
  for (const std::string& column : columns) widest = std::max(widest, reach(frame, column));
  for (const std::string& column : columns) {
    const std::vector<double> values = sorted_present(frame.numbers(column));
    const UnitGuess guess = guess_unit(values, usual, widest);
    if (guess.unit && *guess.unit != usual) return *guess.unit;
  }
  return usual;
}

/// Outputs for the label columns, and the units of these.
void make_outputs(const DataFrame& frame, RunConfig& config) {
  const std::vector<std::string> columns = label_columns(frame);
  std::vector<std::string> angles, coordinates;
  for (const std::string& name : columns) {
    if (is_angle_name(name)) angles.push_back(name);
    if (is_coordinate_name(name, columns)) coordinates.push_back(name);
  }
  const Unit angle = unit_of(frame, angles, Unit::kRadians);
  const Unit coordinate = unit_of(frame, coordinates, Unit::kImage);
  std::set<std::string> taken;
  config.model.outputs.clear();
  for (const std::string& name : columns) {
    const bool is_coordinate = is_coordinate_name(name, columns);
    const Unit label = is_angle_name(name) ? angle : is_coordinate ? coordinate : Unit::kNone;
    OutputConfig output;
    output.name = output_name(name, taken);
    output.unit = is_coordinate ? Unit::kImage : label;
    if (label == Unit::kNone) output.kind = OutputKind::kPlain;
    config.model.outputs.push_back(output);
    config.data.y_col.push_back(name);
    config.data.units.push_back(label);
  }
}

/// A little of what most runs do. Of the three angles all must be there for a head to be turned.
AugmentationConfig mild_augmentation(const std::vector<OutputConfig>& outputs) {
  const auto angles = std::count_if(outputs.begin(), outputs.end(), [](const OutputConfig& output) {
    return is_angle_name(output.name);
  });
  AugmentationConfig augmentation;
  if (angles == 0 || angles == 3) augmentation.rotation_range = 15;
  augmentation.horizontal_flip = angles == 3 && outputs.size() == 3;
  augmentation.width_shift_range = augmentation.height_shift_range = ShiftRange::uniform(0.1);
  augmentation.zoom_range = {0.85, 1.15};
  augmentation.brightness_range = Interval{0.8, 1.2};
  return augmentation;
}

}  // namespace

RunConfig run_config_for_csv(const std::filesystem::path& csv,
                             const std::vector<std::string>& overrides) {
  const DataFrame frame = DataFrame::read_csv(csv);
  RunConfig config;
  config.data.csv = csv;
  config.data.x_col = file_name_column(frame);
  make_outputs(frame, config);
  config.augmentation = mild_augmentation(config.model.outputs);
  if (static_cast<double>(frame.rows()) * config.data.validation.fraction < 1) {
    config.data.validation.rule = SplitRule::kNone;
  }
  return with_overrides(std::move(config), overrides, csv.string());
}

}  // namespace mobireg
