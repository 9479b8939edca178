#include "mobireg/config/run_config.h"

#include <algorithm>
#include <map>

#include "config/config_text.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

using nlohmann::json;

/// `a.b=value` as {"a": {"b": value}}; what does not parse as JSON is a text.
json parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail("--set {}: it must be of the form field.name=value", text);
  }
  json value = json::parse(text.substr(equals + 1), nullptr, false);
  if (value.is_discarded()) value = text.substr(equals + 1);
  std::string path = text.substr(0, equals);
  while (true) {
    const std::size_t dot = path.rfind('.');
    const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
    if (name.empty()) fail("--set {}: the field's name has an empty part", text);
    value = json::object({{name, value}});
    if (dot == std::string::npos) return value;
    path.resize(dot);
  }
}

}  // namespace

RunConfig load_run_config(const std::filesystem::path& file,
                          const std::vector<std::string>& overrides) {
  RunConfig config;
  const std::string name = file.string();
  const JsonSource in_file{name, std::filesystem::absolute(file).parent_path()};
  read_struct(parse_config(read_file(file), name), in_file, config);
  return with_overrides(std::move(config), overrides, name);
}

RunConfig with_overrides(RunConfig config, const std::vector<std::string>& overrides,
                         const std::string& origin) {
  for (const std::string& text : overrides) {
    const JsonSource on_command_line{"--set " + text, std::filesystem::current_path()};
    read_struct(parse_override(text), on_command_line, config);
  }
  return resolved(std::move(config), origin);
}

std::string to_json(const RunConfig& config) { return config_text(config); }

RunConfig run_config_from_json(const std::string& text, const std::string& origin) {
  return config_from_text<RunConfig>(text, origin);
}

std::vector<std::string> config_differences(const RunConfig& a, const RunConfig& b) {
  const auto flat_a = json::parse(to_json(a)).flatten();
  const auto flat_b = json::parse(to_json(b)).flatten();
  std::map<std::string, std::pair<json, json>> values;
  for (const auto& item : flat_a.items()) values[item.key()].first = item.value();
  for (const auto& item : flat_b.items()) values[item.key()].second = item.value();
  std::vector<std::string> differences;
  for (const auto& [pointer, pair] : values) {
    if (pair.first == pair.second) continue;
    std::string name = pointer.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    differences.push_back(
        fmt::format("{} ({} and {})", name, pair.first.dump(), pair.second.dump()));
  }
  return differences;
}

}  // namespace mobireg
