// The rules between the fields that describe a run's data, and what is filled in.

#include <algorithm>
#include <regex>
#include <set>

#include "config/fields.h"
#include "config/json_writer.h"
#include "config/resolve.h"
#include "core/fail.h"
#include "mobireg/config/units.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

/// A data set and the name of its field, for messages.
struct NamedSet {
  DataSetConfig& set;
  std::string field;
};

void check_pattern(const std::string& pattern, const std::string& field) {
  try {
    const std::regex compiled(pattern);
  } catch (const std::regex_error& error) {
    fail("{}: '{}' is not a regular expression ({})", field, pattern, error.what());
  }
}

void check_split(const SplitConfig& split, const std::string& field) {
  const char* rule = enum_name(split.rule);
  if (!split.pattern.empty()) check_pattern(split.pattern, field + ".pattern");
  if (split.rule == SplitRule::kPattern && split.pattern.empty()) {
    fail("{}: rule {} needs a pattern", field, rule);
  }
  if (split.rule == SplitRule::kCsv && split.csv.empty()) {
    fail("{}: rule {} needs a csv", field, rule);
  }
}

/// Indices of the outputs that a set has labels of.
std::vector<const OutputConfig*> outputs_of(const NamedSet& named, const ModelConfig& model) {
  const std::vector<std::string>& missing = named.set.missing;
  std::vector<const OutputConfig*> present;
  for (const OutputConfig& output : model.outputs) {
    if (std::find(missing.begin(), missing.end(), output.name) == missing.end()) {
      present.push_back(&output);
    }
  }
  if (present.size() + std::set<std::string>(missing.begin(), missing.end()).size() !=
      model.outputs.size()) {
    std::vector<std::string> names;
    for (const OutputConfig& output : model.outputs) names.push_back(output.name);
    for (const std::string& name : missing) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const std::string nearest = nearest_name(name, names);
      fail("{}.missing: '{}' is no output{}", named.field, name,
           nearest.empty() ? "" : "; did you mean " + nearest + "?");
    }
  }
  if (present.empty()) fail("{}.missing: no output is left to learn", named.field);
  return present;
}

bool is_convertible(Unit label, Unit output) {
  if (is_angle(label) || is_angle(output)) return is_angle(label) && is_angle(output);
  if (output == Unit::kImage) return label == Unit::kImage || label == Unit::kPixels;
  return label == output;
}

/// Empty stays empty; one value becomes one a column.
template <class T>
void spread(std::vector<T>& values, std::size_t columns, const std::string& field) {
  if (values.empty() || values.size() == columns) return;
  if (values.size() != 1) {
    fail("{}: {} values for {} columns; it must be one, or one for each", field, values.size(),
         columns);
  }
  values.assign(columns, values[0]);
}

void resolve_labels(const NamedSet& named, const ModelConfig& model) {
  DataSetConfig& set = named.set;
  set.missing = expanded(set.missing);
  const auto present = outputs_of(named, model);
  set.y_col = expanded(set.y_col);
  if (set.y_col.empty()) {
    for (const OutputConfig* output : present) set.y_col.push_back(output->name);
  }
  if (set.y_col.size() != present.size()) {
    fail("{}.y_col: {} columns for {} outputs; it must have one for each, or be empty", named.field,
         set.y_col.size(), present.size());
  }
  spread(set.units, present.size(), named.field + ".units");
  spread(set.signs, present.size(), named.field + ".signs");
  spread(set.offsets, present.size(), named.field + ".offsets");
  for (std::size_t i = 0; i < set.units.size(); ++i) {
    if (is_convertible(set.units[i], present[i]->unit)) continue;
    fail("{}.units.{}: {} cannot be converted to '{}', which is in {}", named.field, i,
         enum_name(set.units[i]), present[i]->name, enum_name(present[i]->unit));
  }
  for (std::size_t i = 0; i < set.signs.size(); ++i) {
    if (set.signs[i] == 1 || set.signs[i] == -1) continue;
    fail("{}.signs.{}: {} is not allowed; it must be 1 or -1", named.field, i, set.signs[i]);
  }
}

void resolve_set(const NamedSet& named, const ModelConfig& model) {
  DataSetConfig& set = named.set;
  if (set.csv.empty()) {
    fail("{}.csv: it is empty; the file of labelled images is needed", named.field);
  }
  resolve_labels(named, model);
  if (!set.box.empty() && set.box.size() != 4) {
    fail("{}.box: {} columns given; it must be four, of left, top, right and bottom, or none",
         named.field, set.box.size());
  }
  if (set.box.empty() && (set.crop_margin.low != 0 || set.crop_margin.high != 0)) {
    fail("{}.crop_margin: it needs {}.box, the columns of the box it is added to", named.field,
         named.field);
  }
  if (!set.group_column.empty() && !set.group_pattern.empty()) {
    fail("{}: both group_column and group_pattern are given; it must be one of them", named.field);
  }
  if (!set.group_pattern.empty()) check_pattern(set.group_pattern, named.field + ".group_pattern");
  check_split(set.test, named.field + ".test");
  check_split(set.validation, named.field + ".validation");
  for (auto* path : {&set.csv, &set.directory, &set.test.csv, &set.validation.csv}) {
    make_absolute(*path);
  }
  if (set.directory.empty()) set.directory = set.csv.parent_path();
}

/// With several sets the fields of the one set would be without effect.
void check_unused(DataSetConfig& set) {
  DataSetConfig untouched;
  const auto given = JsonWriter::to_json_value(set);
  const auto defaults = JsonWriter::to_json_value(untouched);
  for (const auto& item : given.items()) {
    if (item.value() == defaults[item.key()]) continue;
    fail("data.{}: it is without effect beside data.sets; give it in each set", item.key());
  }
}

}  // namespace

void make_absolute(std::filesystem::path& path) {
  if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal();
}

void resolve_data(DataConfig& data, const ModelConfig& model) {
  if (data.sets.empty()) {
    resolve_set({data, "data"}, model);
  } else {
    check_unused(data);
  }
  for (std::size_t i = 0; i < data.sets.size(); ++i) {
    resolve_set({data.sets[i], "data.sets." + std::to_string(i)}, model);
  }
  make_absolute(data.cache);
  make_absolute(data.save_to_dir);
  const std::string& balanced = data.balance.output;
  const auto is_balanced = [&](const OutputConfig& output) { return output.name == balanced; };
  if (!balanced.empty() && std::none_of(model.outputs.begin(), model.outputs.end(), is_balanced)) {
    fail("data.balance.output: '{}' is no output of the model", balanced);
  }
}

}  // namespace mobireg
