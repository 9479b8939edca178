// The rules between fields, and what is filled in where a config leaves a choice open.

#include <algorithm>
#include <regex>
#include <set>

#include "config/fields.h"
#include "core/fail.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

std::vector<double> one_a_channel(const std::vector<double>& values, int channels,
                                  const char* field) {
  if (values.size() == static_cast<std::size_t>(channels)) return values;
  if (values.size() != 1) {
    fail("model.input.{}: {} values given; it must be one, or one for each of {} channels", field,
         values.size(), channels);
  }
  return std::vector<double>(static_cast<std::size_t>(channels), values[0]);
}

std::vector<std::string> expanded(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const std::string& pattern : patterns) {
    for (std::string& name : expand_braces(pattern)) names.push_back(std::move(name));
  }
  return names;
}

/// Names become parts of tensor names, CSV columns and ONNX outputs.
void check_name(const std::string& name, const char* field) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
  };
  if (name.empty() || is_digit(name[0]) || !std::all_of(name.begin(), name.end(), is_allowed)) {
    fail("{}: {} is not a name; it must be letters, digits and _, not beginning with a digit",
         field, in_quotes(name));
  }
}

std::vector<OutputConfig> resolve_outputs(const std::vector<OutputConfig>& patterns) {
  std::vector<OutputConfig> outputs;
  std::set<std::string> seen;
  for (const OutputConfig& pattern : patterns) {
    for (std::string& name : expand_braces(pattern.name)) {
      check_name(name, "model.outputs");
      if (!seen.insert(name).second) fail("model.outputs: '{}' stands twice", name);
      outputs.push_back({std::move(name), pattern.unit});
    }
  }
  if (outputs.empty()) fail("model.outputs: it is empty; at least one output is needed");
  return outputs;
}

std::vector<HeadConfig> resolve_heads(const ModelConfig& model) {
  std::vector<HeadConfig> heads = model.heads;
  if (heads.empty()) {
    for (const OutputConfig& output : model.outputs) heads.push_back({output.name, {output.name}});
  }
  std::set<std::string> names;
  std::vector<std::string> given;
  for (HeadConfig& head : heads) {
    check_name(head.name, "model.heads.name");
    if (!names.insert(head.name).second) fail("model.heads: '{}' stands twice", head.name);
    head.outputs = expanded(head.outputs);
    if (head.outputs.empty()) fail("model.heads: '{}' has no outputs", head.name);
    given.insert(given.end(), head.outputs.begin(), head.outputs.end());
  }
  for (std::size_t i = 0; i < std::max(given.size(), model.outputs.size()); ++i) {
    const std::string wanted = i < model.outputs.size() ? model.outputs[i].name : "nothing more";
    const std::string got = i < given.size() ? given[i] : "nothing more";
    if (wanted != got) {
      fail(
          "model.heads: output {} of the heads is '{}', of model.outputs '{}'; the heads must give "
          "every output once, in the same order",
          i, got, wanted);
    }
  }
  return heads;
}

void check_pattern(const std::string& pattern, const char* field) {
  try {
    const std::regex compiled(pattern);
  } catch (const std::regex_error& error) {
    fail("data.{}.pattern: '{}' is not a regular expression ({})", field, pattern, error.what());
  }
}

void check_split(const SplitConfig& split, const char* field) {
  const char* rule = enum_name(split.rule);
  if (!split.pattern.empty()) check_pattern(split.pattern, field);
  if (split.rule == SplitRule::kPattern && split.pattern.empty()) {
    fail("data.{}: rule {} needs a pattern", field, rule);
  }
  if (split.rule == SplitRule::kGroupFraction &&
      split.pattern.empty() == split.group_column.empty()) {
    fail("data.{}: rule {} needs either a pattern or a group_column", field, rule);
  }
  if (split.rule == SplitRule::kCsv && split.csv.empty()) {
    fail("data.{}: rule {} needs a csv", field, rule);
  }
}

void make_absolute(std::filesystem::path& path) {
  if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal();
}

}  // namespace

ModelConfig resolve_config(ModelConfig model) {
  if (model.input.size < 32 || model.input.size % 32 != 0) {
    fail("model.input.size: {} is not allowed; it must be a positive multiple of 32",
         model.input.size);
  }
  model.input.mean = one_a_channel(model.input.mean, model.input.channels(), "mean");
  model.input.scale = one_a_channel(model.input.scale, model.input.channels(), "scale");
  model.outputs = resolve_outputs(model.outputs);
  model.heads = resolve_heads(model);
  return model;
}

RunConfig resolve_config(RunConfig config) {
  config.model = resolve_config(std::move(config.model));
  DataConfig& data = config.data;
  if (data.csv.empty()) fail("data.csv: it is empty; the file of labelled images is needed");
  data.y_col = expanded(data.y_col);
  if (data.y_col.empty()) {
    for (const OutputConfig& output : config.model.outputs) data.y_col.push_back(output.name);
  }
  if (data.y_col.size() != config.model.outputs.size()) {
    fail("data.y_col: {} columns for {} outputs; it must have one for each, or be empty",
         data.y_col.size(), config.model.outputs.size());
  }
  check_split(data.test, "test");
  check_split(data.validation, "validation");
  if (data.directory.empty()) data.directory = std::filesystem::absolute(data.csv).parent_path();
  OptimizerConfig& optimizer = config.training.optimizer;
  if (!optimizer.learning_rate) {
    optimizer.learning_rate = optimizer.name == OptimizerKind::kAdam ? 0.001 : 0.01;
  }
  for (auto* path : {&config.run_dir, &data.csv, &data.directory, &data.test.csv,
                     &data.validation.csv, &config.training.init_from}) {
    make_absolute(*path);
  }
  return config;
}

}  // namespace mobireg
